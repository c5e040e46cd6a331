// Turns a screenshot into a PNG of at most 256 colours, in the browser, because no picture library is at hand.
async (base64) => {
  const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes(base64)], { type: "image/png" }));
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);

  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) || 0) + 1);
  const colours = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map((pair) => pair[0]);
  const parts = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
  const table = colours.map(parts);
  const places = new Map(colours.map((pixel, place) => [pixel, place]));
  const placeOf = (pixel) => {
    let best = places.get(pixel);
    if (best === undefined) {
      const [r, g, b] = parts(pixel);
      let least = Infinity;
      table.forEach(([x, y, z], place) => {
        const distance = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
        if (distance < least) [least, best] = [distance, place];
      });
      places.set(pixel, best);
    }
    return best;
  };
  const rows = new Uint8Array((width + 1) * height); // each row starts with 0: no filter
  for (let y = 0, from = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1, from += 1) rows[y * (width + 1) + 1 + x] = placeOf(pixels[from]);

  const stream = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  const crcs = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n >>> 0;
  });
  const chunk = (name, data) => {
    const whole = new Uint8Array(data.length + 12);
    const view = new DataView(whole.buffer);
    view.setUint32(0, data.length);
    whole.set([...name].map((char) => char.charCodeAt(0)), 4);
    whole.set(data, 8);
    let crc = 0xffffffff;
    for (const byte of whole.subarray(4, data.length + 8)) crc = crcs[(crc ^ byte) & 255] ^ (crc >>> 8);
    view.setUint32(data.length + 8, (crc ^ 0xffffffff) >>> 0);
    return whole;
  };
  const head = new Uint8Array(13);
  new DataView(head.buffer).setUint32(0, width);
  new DataView(head.buffer).setUint32(4, height);
  head.set([8, 3], 8); // eight bits a pixel, by palette
  const file = new Blob([
    new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", head), chunk("PLTE", new Uint8Array(table.flat())), chunk("IDAT", packed),
    chunk("IEND", new Uint8Array(0)),
  ]);
  const made = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < made.length; at += 8192) text += String.fromCharCode(...made.subarray(at, at + 8192));
  return btoa(text);
}
