"""What a model is asked and answers, against its training data."""

from dashboards.panels import bars, graph, number, page, rate

MODEL = 'model="$model"'
FEATURES, PREDICTIONS = f'{MODEL}, feature!="prediction"', f'{MODEL}, feature="prediction"'
TENTHS = f'{PREDICTIONS}, bin=~"[0-9]"'
SHIFT = {None: "green", 0.1: "orange", 0.25: "red"}


def psi(labels):
    """The shift of each feature, from the rules that alerts use."""
    return f"model:drift:psi1d{{{labels}}}"


def mean(metric):
    """Of a summary's observations, over a window that Grafana fits to the graph."""
    return f"{rate(f'{metric}_sum', MODEL)} / {rate(f'{metric}_count', MODEL)}"


RIGHT = f"model:accuracy:ratio1d{{{MODEL}}}"
PROMISED = f"max(model_reference_accuracy{{{MODEL}}})"
BINS = f"model:rows:share1d{{{TENTHS}}} / on (bin) model:reference:share{{{TENTHS}}}"
WORSE = f"max by (model) (model_reference_accuracy{{{MODEL}}}) - {RIGHT}"
SURE_AND_RIGHT = {"sure": mean("model_confidence"), "right": RIGHT, "right in training": PROMISED}

ROWS = {
    "Now": [
        number("Largest shift of a feature", "none", f"max({psi(FEATURES)})", SHIFT),
        number("Shift of the predictions", "none", psi(PREDICTIONS), {None: "green", 0.1: "red"}),
        number(
            "Right less often than promised, by", "percentunit", WORSE, {None: "green", 0.05: "red"}
        ),
        number("Rows", "short", f"max(model:rows:increase1d{{{MODEL}}})", {None: "blue"}),
    ],
    "What comes in, and what goes out": [
        bars("Shift", "none", psi(MODEL), "{{feature}}", SHIFT, most=1),
        bars(
            "Predictions by bin, 1 is as in training",
            "none",
            BINS,
            "{{bin}}",
            {None: "blue"},
            most=3,
        ),
    ],
    "Over time": [
        graph("Shift", "none", {"{{feature}}": psi(MODEL)}, limits=[0.1, 0.25]),
        graph("Sure, and right", "percentunit", SURE_AND_RIGHT),
    ],
}


def dashboard():
    """Drift, and what came true."""
    alerts = "Model(Input|Prediction|Accuracy).*"
    return page("model-data", "Model data", ROWS, "model_reference_accuracy", "model", alerts)
