/**
 * Whether a function's resource policy lets a service act for a resource. Knows what the permissions
 * of a Function URL are made of: effect, service principals or `*`, one action, and the conditions
 * below; a statement with any other condition allows nothing.
 */
export function allows(statements, { action, service, sourceArn, context }) {
  const asked = { "AWS:SourceArn": sourceArn, ...context };
  return statements.some(
    (statement) =>
      statement.Effect === "Allow" &&
      [statement.Action].flat().includes(action) &&
      principals(statement.Principal).some((name) => name === "*" || name === service) &&
      meets(statement.Condition ?? {}, asked),
  );
}

function principals(principal) {
  return typeof principal === "string"
    ? [principal]
    : [principal?.Service ?? [], principal?.AWS ?? []].flat();
}

function meets(conditions, asked) {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const name = Object.keys(asked).find((known) => known.toLowerCase() === key.toLowerCase());
      const values = [wanted].flat().map(String);
      switch (operator) {
        case "StringEquals":
        case "ArnEquals":
        case "Bool":
          return name !== undefined && values.includes(String(asked[name]));
        case "ArnLike":
          return (
            name !== undefined &&
            values.some((pattern) => pattern === "*" || pattern === asked[name])
          );
        default:
          return false;
      }
    }),
  );
}
