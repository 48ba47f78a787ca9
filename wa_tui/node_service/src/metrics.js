/**
 * @param {[name: string, type: string, help: string, values: [labels: string, value: number][]][]} families
 * @returns {string} in Prometheus' text format
 */
export function exposition(families) {
  return families
    .map(([name, type, help, values]) => {
      const lines = values.map(([labels, value]) => `${name}${labels && `{${labels}}`} ${value}`);
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
    })
    .join('');
}
