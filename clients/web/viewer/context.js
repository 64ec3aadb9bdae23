// The room that is open now, for the sheets that lie over it.
//
//   RoomContext.state = {room, session}   room is follow.js's, null on the portal

import { createStore } from "../shared/store.js";

export const RoomContext = createStore({ room: null, session: null });
