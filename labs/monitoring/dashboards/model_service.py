"""What callers get of a model, and whether it is what was promised."""

from dashboards.panels import graph, number, page

MODEL = 'model="$model"'


def rate(metric, labels=MODEL):
    """A second's growth, over a window that Grafana fits to the graph."""
    return f"rate({metric}{{{labels}}}[$__rate_interval])"


def quantile(q, metric):
    """Of all replicas together."""
    return f"histogram_quantile({q}, sum by (le) ({rate(f'{metric}_bucket')}))"


def errors(window):
    """The share of answers that were errors, from the rules that alerts use."""
    return f"model:errors:ratio_rate{window}{{{MODEL}}}"


TOOK, WAITED = "model_answer_seconds", "caller_wait_seconds"
ALL, QUICK = rate(f"{TOOK}_count"), rate(f"{TOOK}_bucket", f'{MODEL}, le="0.5"')
CODES = f"sum by (code) ({rate('model_answers_total')})"
COMPUTING = f"avg({rate('request_predict_seconds_sum')})"
MEMORY = f'process_resident_memory_bytes{{{MODEL}, job="model"}}'
QUANTILES = {f"p{q * 100:.0f}": quantile(q, TOOK) for q in (0.5, 0.95, 0.99)}
WAITS = {f"p{q * 100:.0f}": quantile(q, WAITED) for q in (0.5, 0.95)}
LATE, TOO_LATE = {None: "green", 2: "red"}, {None: "red", 0.95: "green"}

ROWS = {
    "What is promised": [
        number("Errors in an hour", "percentunit", errors("1h"), {None: "green", 0.005: "red"}),
        number("Within 0.5 s", "percentunit", f"sum({QUICK}) / sum({ALL})", TOO_LATE),
        number("Slowest of 100", "s", quantile(0.99, TOOK), LATE),
        number("Answers", "reqps", f"sum({ALL})", {None: "blue"}),
    ],
    "What callers get": [
        graph("Answers by code", "reqps", {"{{code}}": CODES}),
        graph("Errors", "percentunit", {"of the answers": errors("5m")}, limit=0.05),
        graph("An answer takes", "s", QUANTILES, limit=0.5),
        graph("Callers wait", "s", WAITS, limit=0.5),
    ],
    "Why": [
        graph("Time spent computing", "percentunit", {"a replica": COMPUTING}, limit=0.7),
        graph("Memory", "bytes", {"{{instance}}": MEMORY}),
    ],
}


def dashboard():
    """From the promise down to why it is not kept."""
    return page("model-service", "Model service", ROWS, "model_answers_total", "model")
