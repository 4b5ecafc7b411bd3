() => {
  // What is drawn: [kind, x, y, w, h, outline, fill, stroke, text, size, pointing, drawing, ground, widget], in the order it is painted.
  // An outline is a list of points; kinds `path` and `area` are told by it, outside. Reads only; nothing is put into the page.
  const MOST = 1200, LARGEST = 640000, shapes = [];
  let drawings = 0;
  const colour = text => {
    const numbers = (text || '').match(/-?[\d.]+(e-?\d+)?/g);
    if (!numbers || !/^(rgb|color)/.test(text)) return null;
    const [red, green, blue, alpha = 1] = numbers.map(Number), scale = text.startsWith('color') ? 255 : 1;
    return alpha < 0.08 ? null : [red, green, blue].map(part => Math.round(part * scale));
  };
  const tidy = text => (text || '').replace(/\s+/g, ' ').trim();
  const POINTING = new Set(['pointer', 'move', 'grab', 'grabbing', 'all-scroll', 'crosshair']);
  const CONTROLS = 'a[href],button,input,select,textarea,summary,[role=button],[role=link],[role=checkbox],[role=radio],[role=tab],[role=option]';
  const shown = element => element.checkVisibility({checkVisibilityCSS: true, contentVisibilityAuto: false, checkOpacity: true});
  const add = (kind, rect, {outline = [], fill = null, stroke = null, text = '', size = 0, pointing = false, drawing = -1, ground = false, widget = false}) => {
    if (shapes.length < MOST) shapes.push([kind, rect.x, rect.y, rect.width, rect.height, outline, fill, stroke, text, size, pointing, drawing, ground, widget]);
  };
  const around = points => {
    const xs = points.map(point => point[0]), ys = points.map(point => point[1]);
    const x = Math.min(...xs), y = Math.min(...ys);
    return {x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y};
  };

  const outlineOf = (element, matrix) => {
    const at = (x, y) => { const point = new DOMPoint(x, y).matrixTransform(matrix); return [point.x, point.y]; };
    switch (element.localName) {
      case 'line': return [at(element.x1.baseVal.value, element.y1.baseVal.value), at(element.x2.baseVal.value, element.y2.baseVal.value)];
      case 'polygon': case 'polyline': return [...element.points].map(point => at(point.x, point.y));
      case 'path': {
        const length = element.getTotalLength(), count = 96;
        return length ? Array.from({length: count}, (_, number) => { const point = element.getPointAtLength(length * number / count); return at(point.x, point.y); }) : [];
      }
    }
    const box = element.getBBox(), [x, y, right, bottom] = [box.x, box.y, box.x + box.width, box.y + box.height];
    return [at(x, y), at(right, y), at(right, bottom), at(x, bottom)];
  };
  const drawn = new Set(['circle', 'ellipse', 'rect', 'polygon', 'polyline', 'line', 'path', 'text', 'image']);
  const visitDrawing = svg => {
    const number = drawings++;
    add('rectangle', svg.getBoundingClientRect(), {fill: colour(getComputedStyle(svg).backgroundColor), drawing: number, ground: true});
    for (const element of svg.querySelectorAll('*')) {
      if (!drawn.has(element.localName) || element.closest('defs,clipPath,marker,symbol,pattern,mask') || !shown(element)) continue;
      const matrix = element.getScreenCTM();
      if (!matrix) continue;
      const style = getComputedStyle(element), outline = outlineOf(element, matrix), scale = Math.sqrt(Math.abs(matrix.a * matrix.d - matrix.b * matrix.c));
      if (!outline.length) continue;
      const rect = around(outline), line = parseFloat(style.strokeWidth) > 0 && parseFloat(style.strokeOpacity) > 0.08;
      const fill = parseFloat(style.fillOpacity) > 0.08 ? colour(style.fill) : null, stroke = line ? colour(style.stroke) : null;
      if (!fill && !stroke && !element.localName.startsWith('image') && !/^url/.test(style.fill)) continue;
      const text = element.localName === 'text' ? tidy(element.textContent) : tidy(element.getAttribute('aria-label'));
      const size = element.localName === 'text' ? parseFloat(style.fontSize) * scale : Math.max(rect.width, rect.height);
      const pointing = POINTING.has(style.cursor) || !!element.closest('[draggable=true]');
      const round = element.localName === 'circle' || element.localName === 'ellipse';
      add(element.localName, rect, {outline: round || element.localName === 'text' ? [] : outline, fill, stroke, text, size, pointing, drawing: number});
    }
  };

  // A canvas shows only pixels: regions of one colour, each with its outer outline.
  const regions = (pixels, width, height) => {
    const counts = new Map(), keyOf = at => pixels[at + 3] < 24 ? -1 : (pixels[at] >> 3 << 10) | (pixels[at + 1] >> 3 << 5) | pixels[at + 2] >> 3;
    for (let at = 0; at < pixels.length; at += 4) { const key = keyOf(at); counts.set(key, (counts.get(key) || 0) + 1); }
    const known = [...counts].filter(([, count]) => count >= Math.max(16, width * height / 1500)).sort((one, other) => other[1] - one[1]).map(([key]) => key);
    const partsOf = key => key < 0 ? [0, 0, 0, 0] : [key >> 10 << 3, (key >> 5 & 31) << 3, (key & 31) << 3, 255];
    const palette = [];
    for (const key of known) {
      const parts = partsOf(key);
      if (!palette.some(other => other.reduce((sum, part, index) => sum + Math.abs(part - parts[index]), 0) < 60)) palette.push(parts);
    }
    if (palette.length < 2 || palette.length > 24) return [];
    const nearest = new Map(), labels = new Uint8Array(width * height);
    for (let at = 0; at < labels.length; at++) {
      const key = keyOf(4 * at);
      if (!nearest.has(key)) {
        const parts = partsOf(key), far = palette.map(other => other.reduce((sum, part, index) => sum + Math.abs(part - parts[index]), 0));
        nearest.set(key, far.indexOf(Math.min(...far)));
      }
      labels[at] = nearest.get(key);
    }
    const seen = new Uint8Array(labels.length), found = [];
    for (let start = 0; start < labels.length && found.length < 300; start++) {
      if (seen[start] || labels[start] === 0) continue;
      const label = labels[start], stack = [start], members = [];
      seen[start] = 1;
      while (stack.length) {
        const at = stack.pop(), x = at % width;
        members.push(at);
        for (const next of [x ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width])
          if (next >= 0 && next < labels.length && !seen[next] && labels[next] === label) { seen[next] = 1; stack.push(next); }
      }
      if (members.length >= 16) found.push({label, members, outline: trace(labels, width, height, start, label), colour: palette[label]});
    }
    return found;
  };
  // Moore's neighbour tracing, from the first pixel of a region in reading order.
  const trace = (labels, width, height, start, label) => {
    const steps = [[1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]], outline = [];
    const inside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && labels[y * width + x] === label;
    let x = start % width, y = Math.floor(start / width), from = 6;
    for (let count = 0; count < 20000; count++) {
      outline.push([x, y]);
      let turned = 0;
      for (; turned < 8; turned++) { const [dx, dy] = steps[(from + turned) % 8]; if (inside(x + dx, y + dy)) break; }
      if (turned === 8) break;
      const way = (from + turned) % 8;
      x += steps[way][0]; y += steps[way][1];
      from = (way + 6) % 8;
      if (y * width + x === start) break;
    }
    return outline;
  };
  const visitCanvas = canvas => {
    const number = drawings++, rect = canvas.getBoundingClientRect(), scale = Math.min(1, Math.sqrt(LARGEST / Math.max(1, canvas.width * canvas.height)));
    add('rectangle', rect, {fill: colour(getComputedStyle(canvas).backgroundColor), drawing: number, ground: true});
    const [width, height] = [Math.round(canvas.width * scale), Math.round(canvas.height * scale)];
    if (!width || !height) return;
    let pixels = null;
    try {
      const copy = new OffscreenCanvas(width, height).getContext('2d');
      copy.drawImage(canvas, 0, 0, width, height);
      pixels = copy.getImageData(0, 0, width, height).data;
    } catch { return; }  // what it shows came from another origin
    const [across, down] = [rect.width / width, rect.height / height];
    for (const region of regions(pixels, width, height)) {
      const points = region.outline.map(([x, y]) => [rect.x + (x + 0.5) * across, rect.y + (y + 0.5) * down]);
      const every = Math.max(1, Math.floor(points.length / 240)), box = around(points);
      const ring = region.members.length * across * down < 0.35 * box.width * box.height && region.outline.length * 12 > region.members.length;
      const tone = region.colour.slice(0, 3);
      add('area', box, {outline: points.filter((_, index) => index % every === 0), fill: ring ? null : tone, stroke: ring ? tone : null,
        size: Math.max(box.width, box.height), drawing: number});
    }
  };

  const ownText = element => tidy([...element.childNodes].filter(node => node.nodeType === 3).map(node => node.nodeValue).join(' '));
  const blockKind = (style, rect) => {
    const clip = /^polygon\((.*)\)$/.exec(style.clipPath);
    if (clip) {
      const part = (text, whole) => text.endsWith('%') ? parseFloat(text) / 100 * whole : parseFloat(text);
      const points = clip[1].split(',').map(pair => pair.trim().split(/\s+/)).filter(pair => pair.length === 2);
      return ['polygon', points.map(([x, y]) => [rect.x + part(x, rect.width), rect.y + part(y, rect.height)])];
    }
    const radius = Math.min(parseFloat(style.borderTopLeftRadius), parseFloat(style.borderBottomRightRadius));
    const percent = style.borderTopLeftRadius.endsWith('%');
    const round = percent ? radius >= 45 : radius >= 0.45 * Math.min(rect.width, rect.height);
    const even = Math.abs(rect.width - rect.height) <= 0.08 * Math.max(rect.width, rect.height);
    return round && (even || percent) ? [even ? 'circle' : 'ellipse', []] : ['rect', []];
  };
  const SIDES = ['Top', 'Right', 'Bottom', 'Left'];
  const triangle = (style, rect) => {
    const wide = SIDES.map(side => parseFloat(style[`border${side}Width`])), tones = SIDES.map(side => colour(style[`border${side}Color`]));
    const seen = SIDES.map((_, index) => index).filter(index => wide[index] > 1 && tones[index]);
    if (parseFloat(style.width) > 1 || parseFloat(style.height) > 1 || seen.length !== 1) return null;
    const {left, right, top, bottom} = rect, [x, y] = [left + wide[3], top + wide[0]];
    const outline = [[[left, top], [right, top], [x, bottom]], [[right, top], [right, bottom], [left, y]],
      [[left, bottom], [right, bottom], [x, top]], [[left, top], [left, bottom], [right, y]]][seen[0]];
    return {outline, fill: tones[seen[0]]};
  };
  const visitBlock = element => {
    const rect = element.getBoundingClientRect();
    if (rect.width < 2 || rect.height < 2 || !shown(element)) return;
    const style = getComputedStyle(element), widget = !!element.closest(CONTROLS), text = ownText(element).slice(0, 80) || tidy(element.getAttribute('aria-label'));
    const pointing = POINTING.has(style.cursor) || element.draggable === true && element.hasAttribute('draggable');
    const cut = triangle(style, rect);
    if (cut) return add('polygon', rect, {...cut, size: Math.max(rect.width, rect.height), pointing, widget});
    if (element.localName === 'img') return add('image', rect, {text: tidy(element.alt || element.title), size: Math.max(rect.width, rect.height), pointing, widget});
    const fill = colour(style.backgroundColor), lined = SIDES.filter(side => parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== 'none');
    const stroke = lined.length ? colour(style[`border${lined[0]}Color`]) : null;
    if (fill || lined.length > 1 && stroke || style.backgroundImage !== 'none') {
      const [kind, outline] = blockKind(style, rect);
      add(kind, rect, {outline, fill, stroke, text, size: Math.max(rect.width, rect.height), pointing, widget});
    } else if (text) add('text', rect, {text, fill: colour(style.color), size: parseFloat(style.fontSize), pointing, widget});
  };
  const SILENT = new Set(['html', 'body', 'head', 'script', 'style', 'link', 'meta', 'title', 'template', 'noscript', 'br', 'iframe', 'option', 'optgroup']);
  const walk = root => {
    for (const element of root.querySelectorAll('*')) {
      if (shapes.length >= MOST) return;
      if (element.localName === 'svg') { if (!element.ownerSVGElement && shown(element)) visitDrawing(element); }
      else if (element instanceof SVGElement || SILENT.has(element.localName)) continue;
      else if (element.localName === 'canvas') { if (shown(element)) visitCanvas(element); }
      else visitBlock(element);
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document);
  return {shapes, origin: [-scrollX, -scrollY]};
}
