// Grafana's own components, by the type of panel.

import {
  FieldMatcherID, FieldType, applyFieldOverrides, fieldMatchers, getFieldDisplayName,
  getDisplayValueAlignmentFactors, reduceField, standardFieldConfigEditorRegistry,
} from "@grafana/data";
import { BarGauge, BigValue, TimeSeries } from "@grafana/ui";

// What a panel may set of its fields: Grafana's server registers these with their editors.
const OPTIONS = ["unit", "decimals", "min", "max", "displayName", "color", "thresholds", "mappings"];
const CUSTOM = [
  "drawStyle", "lineWidth", "lineStyle", "lineInterpolation", "fillOpacity", "showPoints",
  "pointSize", "stacking", "spanNulls", "axisLabel", "axisPlacement", "axisSoftMin",
  "axisSoftMax", "thresholdsStyle", "scaleDistribution", "hideFrom",
];
const option = (path, isCustom) => ({
  id: isCustom ? `custom.${path}` : path, path, name: path, isCustom,
  process: (value) => value, shouldApply: () => true,
});
standardFieldConfigEditorRegistry.setInit(() => [
  ...OPTIONS.map((path) => option(path, false)), ...CUSTOM.map((path) => option(path, true)),
]);

// What Grafana's server sets of a panel that says nothing of it.
const STEPS = [{ value: -Infinity, color: "green" }, { value: 80, color: "red" }];
const PLAIN = { drawStyle: "line", lineWidth: 1, showPoints: "auto", pointSize: 5 };
const LEGEND = { showLegend: true, calcs: [], displayMode: "list", placement: "bottom" };
const COLORS = { mode: "palette-classic" };

/** The frames with what the panel says of its fields: units, colors, thresholds. */
export function configured(panel, data, replace, theme) {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const isGraph = panel.type === "timeseries";
  const plain = isGraph ? { color: COLORS, ...defaults, custom: { ...PLAIN, ...defaults.custom } }
    : { thresholds: { mode: "absolute", steps: STEPS }, ...defaults };
  const fieldConfig = { defaults: plain, overrides };
  return applyFieldOverrides({
    data, fieldConfig, replaceVariables: replace, theme, timeZone: "utc",
  });
}

function Lines({ panel, frames, range, width, height, children }) {
  const [from, to] = [range.from, range.to].map((time) => ({ valueOf: () => time * 1000 }));
  const legend = { ...LEGEND, ...panel.options?.legend };
  const x = fieldMatchers.get(FieldMatcherID.firstTimeField).get({});
  const y = fieldMatchers.get(FieldMatcherID.byType).get(FieldType.number);
  return (
    <TimeSeries {...{ frames, width, height, legend, fields: { x, y }, timeZone: "utc" }}
      timeRange={{ from, to, raw: { from, to } }}>
      {children}
    </TimeSeries>
  );
}

function Stats({ panel, frames, width, height, theme }) {
  const { colorMode = "value", graphMode = "none", textMode = "auto" } = panel.options ?? {};
  const each = (width - 8 * (frames.length - 1)) / frames.length;
  return (
    <div className="stats">
      {values(panel, frames).map((value, n) => (
        <BigValue key={n} {...{ value, height, theme, colorMode, graphMode, textMode }}
          width={each} count={frames.length} />
      ))}
    </div>
  );
}

function Bars({ panel, frames, width, height, theme }) {
  const each = height / frames.length;
  const { displayMode = "gradient", orientation = "horizontal" } = panel.options ?? {};
  const all = values(panel, frames);
  const alignmentFactors = getDisplayValueAlignmentFactors(all.map((display) => ({ display })));
  const same = { width, theme, displayMode, orientation, alignmentFactors };
  return all.map((value, n) => (
    <BarGauge key={n} {...same} value={value} height={Math.min(each, 40) - 4} itemSpacing={4}
      field={frames[n].fields[1].config} display={frames[n].fields[1].display} />
  ));
}

/** Each series as one value with its name, reduced as the panel says: by default to the last. */
function values(panel, frames) {
  const [reducer = "lastNotNull"] = panel.options?.reduceOptions?.calcs ?? [];
  return frames.map((frame) => {
    const field = frame.fields[1];
    const number = reduceField({ field, reducers: [reducer] })[reducer];
    return { ...field.display(number), title: getFieldDisplayName(field, frame, frames) };
  });
}

export const TYPES = { timeseries: Lines, stat: Stats, bargauge: Bars };
