(_, {keep}) => {
  const seen = keep.guard?.stop() ?? null;
  keep.guard = null;
  return seen;
}
