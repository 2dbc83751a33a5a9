/* What a component hangs on that is not in it: it is drawn again when that changes. */

import { useLayoutEffect, useState } from "./html.js";

/*
 * subscribe(tell) gives what takes it back, and is the same function each time. It is called in the turn in which the
 * component was drawn: what changed a moment later would never be drawn.
 */
export function useTold(subscribe) {
	const [, draw] = useState(0);

	useLayoutEffect(() => subscribe(() => draw((n) => n + 1)), [subscribe]);
}
