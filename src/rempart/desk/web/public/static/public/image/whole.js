// Is a picture file there to its end? A browser may show the beginning of a file that was cut short over a grey rest, and that
// would have a fingerprint that looks right. Only for formats that some browser shows so; what comes after the end is no matter.

// Sources: ITU-T T.81, B.1; PNG (ISO/IEC 15948), 5.3; GIF89a, 18 to 23; BITMAPFILEHEADER.
export function isWhole(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), kind = view.getUint16(0);
  try {
    if (kind === 0xffd8) return hasEndOfJpeg(bytes, view);
    if (kind === 0x8950) return hasEndOfPng(view);
    if (kind === 0x4749) return hasFirstOfGif(bytes);
    return kind !== 0x424d || view.getUint32(2, true) <= bytes.length;
  } catch {
    return false; // read past the end
  }
}

// From marker to marker. Within the picture's data, 00 and D0 to D7 after FF are part of them, and FF before FF is filling.
function hasEndOfJpeg(bytes, view) {
  for (let at = bytes.indexOf(0xff, 2); at >= 0; at = bytes.indexOf(0xff, at)) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xd9) return true;
    if (marker === 0xff) at += 1;
    else if (marker === 0 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else at += 2 + view.getUint16(at + 2);
  }
  return false;
}

// From chunk to chunk: length, name, data, check.
function hasEndOfPng(view) {
  let at = 8;
  while (view.getUint32(at + 4) !== 0x49454e44) at += 12 + view.getUint32(at);
  return true;
}

// The first picture of it, whose data come in pieces: their length, then they; a length of nothing ends them.
function hasFirstOfGif(bytes) {
  const table = (flags) => (flags & 128 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + table(bytes[10]), isPicture = false;
  while (!isPicture && at < bytes.length) {
    isPicture = bytes[at] === 0x2c;
    at += isPicture ? 11 + table(bytes[at + 9]) : 2;
    while (bytes[at]) at += 1 + bytes[at];
    at++;
  }
  return isPicture && at <= bytes.length;
}
