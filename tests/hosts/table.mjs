const BEGIN = "<!-- hosts:begin -->";
const END = "<!-- hosts:end -->";

/** The outcomes as a Markdown table. */
export function table(outcomes) {
  const lines = outcomes.map(
    ({ host, entry, passed, total }) => `| ${host} | ${entry} | ${passed} of ${total} |`,
  );
  return ["| host | entry | vectors passed |", "|---|---|---|", ...lines].join("\n");
}

/** The text with the table between its two marks. */
export function withTable(text, table) {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(`there is no place between ${BEGIN} and ${END}`);
  }
  return `${text.slice(0, begin + BEGIN.length)}\n${table}\n${text.slice(end)}`;
}
