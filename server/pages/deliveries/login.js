/** Says so where the token was another one. */

import { byId } from "../common/dom.js";
import { login } from "../common/texts.js";

if (new URLSearchParams(location.search).has("wrong")) {
  const wrong = byId("wrong");
  wrong.hidden = false;
  wrong.textContent = login.wrong;
}
