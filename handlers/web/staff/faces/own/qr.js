/* A text as a code for a camera, drawn on a canvas: always dark on light, with the quiet edge that cameras need. */

import { encode } from "uqr";
import { html, useEffect, useRef } from "../../ui/html.js";

const MODULE_PX = 4;
const QUIET = 4;   /* modules, ISO/IEC 18004 */

function draw(canvas, text) {
	const { size, data } = encode(text, { ecc: "M", border: QUIET });
	const context = canvas.getContext("2d");

	canvas.width = canvas.height = size * MODULE_PX;
	context.fillStyle = "#ffffff";
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.fillStyle = "#000000";
	for (const [y, row] of data.entries())
		for (const [x, dark] of row.entries())
			if (dark)
				context.fillRect(x * MODULE_PX, y * MODULE_PX, MODULE_PX, MODULE_PX);
}

/* name: what it is, for those who do not see it. */
export function QrCode({ text, name }) {
	const canvas = useRef(null);

	useEffect(() => draw(canvas.current, text), [text]);
	return html`<canvas class="qr" ref=${canvas} role="img" aria-label=${name}></canvas>`;
}
