// What is wrong with a dashboard, beside what it shows.

import { getValueFormats } from "@grafana/data";

/** Units that Grafana does not know, which it would print as they are. */
export function units(panel) {
  const known = getValueFormats().flatMap(({ submenu }) => submenu.map(({ value }) => value));
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const set = overrides.flatMap(({ properties }) => properties);
  const named = [defaults.unit, ...set.filter(({ id }) => id === "unit").map((one) => one.value)];
  const unknown = named.filter((unit) => unit && !known.includes(unit) && !unit.includes(":"));
  return unknown.map((unit) => `${panel.title}: there is no unit ${unit}`);
}

/** Variables that nothing asks for. */
export function variables(dashboard) {
  const { templating, ...rest } = dashboard;
  const list = templating?.list ?? [];
  return list.filter(({ name }) => {
    const others = list.filter((one) => one.name !== name);
    const used = new RegExp(`\\$(${name}\\b|\\{${name}\\b)|"repeat":"${name}"`);
    return !used.test(JSON.stringify([rest, others]));
  }).map(({ name }) => `the variable ${name} is not used`);
}
