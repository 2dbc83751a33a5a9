/* Templates without a compiler: html`<p class="hint">${text}</p>` makes elements; text is never read as HTML. */

import htm from "htm";
import { h } from "preact";

export { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export const html = htm.bind(h);
