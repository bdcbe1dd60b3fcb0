"""What the dashboards have in common: how a number, a graph and bars look, and what is marked."""

from itertools import count

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models.common import GraphThresholdsStyleMode, VizOrientation
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
)

from dashboards.about import ABOUT

SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")


def page(uid, title, rows, of, label, alerts):
    """A dashboard of rows of panels, for one value of a label of the metric `of` at a time.

    While one of the alerts on it fires, all graphs are red behind their lines.
    """
    chosen = builders.QueryVariable(label).query(f"label_values({of}, {label})")
    chosen.datasource(SOURCE).refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    firing = builders.AnnotationQuery().name("Alerts").datasource(SOURCE)
    firing.enable(True).icon_color("red")
    firing.expr(f'ALERTS{{alertstate="firing", alertname=~"{alerts}", {label}="${label}"}}')
    made = builders.Dashboard(title).uid(uid).tags(["mlops-lab"]).readonly()
    made.time("now-1h", "now").refresh("30s").timezone("utc")
    made.tooltip(DashboardCursorSync.CROSSHAIR).with_variable(chosen).annotation(firing)
    ids = count(1)  # a link to a panel has its id
    others = builders.DashboardLink("Pages").type(DashboardLinkType.DASHBOARDS)
    made.link(others.tags(["mlops-lab"]).keep_time(True).include_vars(True))
    for heading, panels in rows.items():
        made.with_row(builders.Row(heading).id(next(ids)))
        for panel in panels:
            made.with_panel(panel.id(next(ids)))
    return made


def rate(metric, labels, window="$__rate_interval"):
    """A second's growth, over a window that Grafana fits to the graph, or over another."""
    return f"rate({metric}{{{labels}}}[{window}])"


def number(title, unit, expr, steps):
    """The last value, in the color of the highest step that it reaches."""
    panel = stat.Panel().height(4).span(6).thresholds(_colors(steps))
    return _asking(panel, title, unit, {title: expr})


def graph(title, unit, queries, limits=()):
    """A line for each series, by its legend; limits are dashed."""
    panel = timeseries.Panel().height(7).span(12).min(0)
    if limits:
        dashed = common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
        colors = {None: "transparent", **dict.fromkeys(limits, "red")}
        panel.thresholds(_colors(colors)).thresholds_style(dashed)
        classic = builders.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC)
        panel.color_scheme(classic).axis_soft_max(max(limits))
    return _asking(panel, title, unit, queries)


def bars(title, unit, expr, legend, steps, most):
    """A bar for the last value of each series, on a scale from 0 to the most."""
    panel = bargauge.Panel().height(9).span(12).thresholds(_colors(steps)).decimals(2)
    panel.orientation(VizOrientation.HORIZONTAL).min(0).max(most)
    return _asking(panel, title, unit, {legend: expr})


def _asking(panel, title, unit, queries):
    panel.title(title).unit(unit).datasource(SOURCE).description(ABOUT.get(title, ""))
    for letter, (legend, expr) in zip("ABCDE", queries.items(), strict=False):
        asked = prometheus.Dataquery().ref_id(letter).expr(expr)
        panel.with_target(asked.legend_format(legend))
    return panel


def _colors(steps):
    levels = [Threshold(value=value, color=color) for value, color in steps.items()]
    return builders.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(levels)
