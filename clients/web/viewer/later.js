// A part of the page that is fetched when it is wanted, with its words (LOCALE.mine.json), so that opening a room stays
// light. Without the net it is simply not there; what it offers is never needed to apply.
//
//   <${Later} load=${() => import("../mine/after.js")} part="After" .../>     the rest goes to the component

import { html, useEffect, useState } from "../shared/components.js";
import { addLocale } from "../shared/i18n.js";

export function Later({ load, part, ...rest }) {
  const [Part, setPart] = useState(null);
  useEffect(() => {
    let mine = true;
    Promise.all([load(), addLocale("mine")]).then(
      ([module]) => mine && setPart(() => module[part]),
      () => undefined,
    );
    return () => {
      mine = false;
    };
  }, []);
  return Part ? html`<${Part} ...${rest} />` : null;
}
