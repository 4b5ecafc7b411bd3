(frame, {x, y}) => {

  const rect = frame.getBoundingClientRect();
  const px = rect.left + frame.clientLeft + x, py = rect.top + frame.clientTop + y;
  const hit = frame.getRootNode().elementFromPoint(px, py);
  return {x: px, y: py, cover: hit === frame ? '' : hit ? nameIt(hit, frame) : 'the edge of the view'};
}
