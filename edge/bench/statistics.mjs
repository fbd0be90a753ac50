export function median(values) {
  return quantile(values, 0.5);
}

/** The median of one contender's turns, each divided by its neighbor of the other's. */
export function ratio(turns, others, measure) {
  return median(turns.map((turn, round) => turn[measure] / others[round][measure]));
}

export function quantile(values, part) {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at % 1);
}
