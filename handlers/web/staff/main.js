/* The entry: the session of before, if there is one, and the shell around it all. */

import { render } from "preact";
import { startRouter } from "./router.js";
import { resume } from "./session.js";
import { startKeys } from "./ui/keys.js";
import { html } from "./ui/html.js";
import { Shell } from "./ui/shell.js";

startRouter();
startKeys();
resume();
render(html`<${Shell} />`, document.getElementById("app"));
