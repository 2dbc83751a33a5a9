// A whole PNG of one grey point with the name of its author in it.
import { deflateSync } from "node:zlib";

const table = Array.from({ length: 256 }, (_, n) => {
	for (let k = 0; k < 8; k++)
		n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
	return n >>> 0;
});

function crc32(bytes) {
	let crc = 0xffffffff;

	for (const byte of bytes)
		crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
	return (crc ^ 0xffffffff) >>> 0;
}

function chunk(kind, data) {
	const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
	const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];

	size.writeUInt32BE(data.length);
	sum.writeUInt32BE(crc32(body));
	return Buffer.concat([size, body, sum]);
}

export function png(author) {
	return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", Buffer.from("00000001000000010800000000", "hex")),
		chunk("tEXt", Buffer.from(`Author\0${author}`, "latin1")), chunk("IDAT", deflateSync(Buffer.from([0, 128]))), chunk("IEND", Buffer.alloc(0))]);
}
