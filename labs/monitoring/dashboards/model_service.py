"""What callers get of a model, and whether it is what was promised."""

from dashboards.panels import graph, number, page, rate

MODEL = 'model="$model"'


def quantile(q, metric, *window):
    """Of all replicas together."""
    return f"histogram_quantile({q}, sum by (le) ({rate(f'{metric}_bucket', MODEL, *window)}))"


def errors(window):
    """The share of answers that were errors, from the rules that alerts use."""
    return f"model:errors:ratio_rate{window}{{{MODEL}}}"


TOOK, WAITED, SHOWN = "model_answer_seconds", "caller_wait_seconds", "$__range"
QUICK = rate(f"{TOOK}_bucket", f'{MODEL}, le="0.5"', SHOWN)
SHARE = f"sum({QUICK}) / sum({rate(f'{TOOK}_count', MODEL, SHOWN)})"
CODES = f"sum by (code) ({rate('model_answers_total', MODEL)})"
COMPUTING = f"avg({rate('request_predict_seconds_sum', MODEL)})"
MEMORY = f'process_resident_memory_bytes{{{MODEL}, job="model"}}'
QUANTILES = {f"p{q * 100:.0f}": quantile(q, TOOK) for q in (0.5, 0.95, 0.99)}
WAITS = {f"p{q * 100:.0f}": quantile(q, WAITED) for q in (0.5, 0.95)}
LATE, TOO_LATE = {None: "green", 2: "red"}, {None: "red", 0.95: "green"}

ROWS = {
    "What is promised": [
        number("Errors in an hour", "percentunit", errors("1h"), {None: "green", 0.005: "red"}),
        number("Within 0.5 s", "percentunit", SHARE, TOO_LATE),
        number("Slowest of 100", "s", quantile(0.99, TOOK, SHOWN), LATE),
        number("Answers", "reqps", f"sum({rate(f'{TOOK}_count', MODEL)})", {None: "blue"}),
    ],
    "What callers get": [
        graph("Answers by code", "reqps", {"{{code}}": CODES}),
        graph("Errors", "percentunit", {"of the answers": errors("5m")}, limits=[0.05]),
        graph("An answer takes", "s", QUANTILES, limits=[0.5, 2]),
        graph("Callers wait", "s", WAITS, limits=[0.5]),
    ],
    "Why": [
        graph("Time spent computing", "percentunit", {"a replica": COMPUTING}, limits=[0.7]),
        graph("Replicas", "none", {"up": f'sum(up{{{MODEL}, job="model"}})'}),
        graph("Memory", "bytes", {"{{instance}}": MEMORY}),
    ],
}


def dashboard():
    """From the promise down to why it is not kept."""
    alerts = "Model(Errors|Latency|Budget|Saturated).*"
    return page("model-service", "Model service", ROWS, "model_answers_total", "model", alerts)
