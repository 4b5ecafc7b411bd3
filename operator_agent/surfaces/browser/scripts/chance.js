(key, teller, recorded) => {
  // Runs before any script of a page, in every document; once in each.
  const hook = Symbol.for(key), tell = globalThis[teller];
  delete globalThis[teller];
  if (globalThis[hook] || !globalThis.Crypto) return;
  const {apply, getOwnPropertyDescriptor, getPrototypeOf} = Reflect, Bytes = Uint8Array, Words = Uint32Array;
  const views = getPrototypeOf(Bytes.prototype);
  const [bufferOf, offsetOf, lengthOf] =
    ['buffer', 'byteOffset', 'byteLength'].map(name => getOwnPropertyDescriptor(views, name).get);
  const realFill = Crypto.prototype.getRandomValues, realName = Crypto.prototype.randomUUID, own = globalThis.crypto;
  const digits = [...Array(256).keys()].map(byte => byte.toString(16).padStart(2, '0'));
  let left = recorded, words = null, counter = 0, used = 64;
  const block = new Bytes(64);

  const document = () => {  // where it stands among the frames, and its address
    let place = '';
    for (let at = globalThis; at !== at.parent; at = at.parent) {
      let index = 0;
      while (index < at.parent.length && at.parent[index] !== at) index++;
      place = `/${index}${place}`;
    }
    return `${place || '/'} ${location.href.replace(/#.*/, '')}`;
  };
  const start = () => {
    const here = document(), path = here.replace(/\?.*/, '');
    let at = left.findIndex(([name]) => name === here);
    if (at < 0) at = left.findIndex(([name]) => name.replace(/\?.*/, '') === path);
    const fresh = apply(realFill, own, [new Bytes(32)]), given = at < 0 ? null : left[at][1];
    const bytes = given ? fresh.map((_, index) => parseInt(given.slice(2 * index, 2 * index + 2), 16)) : fresh;
    words = new Words(bytes.buffer);
    counter = 0;
    used = 64;
    let text = '';
    for (const byte of bytes) text += digits[byte];
    try { tell(here, text).catch(() => {}); } catch { /* nobody listens any more */ }
  };

  const x = new Words(16);
  const mix = (a, b, c, d) => {
    x[a] += x[b]; x[d] ^= x[a]; x[d] = x[d] << 16 | x[d] >>> 16;
    x[c] += x[d]; x[b] ^= x[c]; x[b] = x[b] << 12 | x[b] >>> 20;
    x[a] += x[b]; x[d] ^= x[a]; x[d] = x[d] << 8 | x[d] >>> 24;
    x[c] += x[d]; x[b] ^= x[c]; x[b] = x[b] << 7 | x[b] >>> 25;
  };
  const fillBlock = () => {  // ChaCha20 of RFC 8439, 2.3, its nonce zero: every document has a key of its own
    const state = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
    for (let at = 0; at < 4; at++) x[at] = state[at];
    for (let at = 0; at < 8; at++) x[4 + at] = words[at];
    x[12] = counter; x[13] = x[14] = x[15] = 0;
    for (let round = 0; round < 10; round++) {
      mix(0, 4, 8, 12); mix(1, 5, 9, 13); mix(2, 6, 10, 14); mix(3, 7, 11, 15);
      mix(0, 5, 10, 15); mix(1, 6, 11, 12); mix(2, 7, 8, 13); mix(3, 4, 9, 14);
    }
    for (let at = 0; at < 16; at++) {
      const before = at < 4 ? state[at] : at < 12 ? words[at - 4] : at === 12 ? counter : 0;
      const word = (x[at] + before) >>> 0;
      for (let byte = 0; byte < 4; byte++) block[4 * at + byte] = word >>> (8 * byte);
    }
    counter++;
    used = 0;
  };
  const draw = bytes => {
    if (words === null) start();
    for (let at = 0; at < bytes.length; at++) {
      if (used === 64) fillBlock();
      bytes[at] = block[used];
      block[used++] = 0;
    }
  };

  // A proxy looks to pages like what it stands for. The real one is asked first: it knows what it refuses.
  Crypto.prototype.getRandomValues = new Proxy(realFill, {
    apply: (real, self, given) => {
      const array = apply(real, self, given);
      draw(new Bytes(apply(bufferOf, array, []), apply(offsetOf, array, []), apply(lengthOf, array, [])));
      return array;
    },
  });
  if (realName) Crypto.prototype.randomUUID = new Proxy(realName, {
    apply: (real, self, given) => {
      apply(real, self, given);
      const bytes = new Bytes(16);
      draw(bytes);
      bytes[6] = bytes[6] & 15 | 64;  // version 4, RFC 9562
      bytes[8] = bytes[8] & 63 | 128;
      let text = '';
      for (let at = 0; at < 16; at++) text += (at === 4 || at === 6 || at === 8 || at === 10 ? '-' : '') + digits[bytes[at]];
      return text;
    },
  });
  // A key that was used since; null: all are, and what was begun with one is begun anew.
  const drop = gone => {
    left = gone === null ? [] : left.filter(([, one]) => one !== gone);
    if (gone === null) words = null;
  };
  Object.defineProperty(globalThis, hook, {value: drop});
}
