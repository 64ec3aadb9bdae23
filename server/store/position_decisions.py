"""What comes of each write about positions: imported, reviewed, edited, closed; what shelves and stages are told.

Visible is what is approved: a shelf tells its stage of a change when a visible position came, went or is another.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from server.core.bodies import AnyBody, CardHidden, CardUpdated, PositionsChanged, ShelfChanged
from server.core.channels import Kind, channel
from server.core.model import ON_AIR, Card, Channel, Flag, Position, PositionId, RegionCode, Review, SessionId
from server.core.position_check import first_bar, needs_review
from server.core.protocol import Changed
from server.core.refusal import Code, Refusal
from server.store.handling import Effect
from server.store.position_rows import PositionRows, Row
from server.store.writes import ClosePosition, EditPosition, ImportedRow, ImportPositions, ReviewPositions, Write

_DID: Final = {Review.APPROVED: "approve_position", Review.REFUSED: "refuse_position", Review.WAITING: "reopen_review"}


def _same_firm(old: Row, row: ImportedRow) -> bool:
    """A draft's enterprise gets another id when its wrong code is corrected; it keeps its name."""
    return old.review is Review.DRAFT and old.position.enterprise_name == row.position.enterprise_name


class _Told:
    """What one write will tell: shelves that are others now, cards that changed, enterprises concerned."""

    def __init__(self) -> None:
        self.shelves: set[SessionId] = set()
        self.cards: list[tuple[SessionId, AnyBody]] = []
        self.firms: set[str] = set()
        self.changed: list[PositionId] = []


class Decisions:
    def __init__(self, rows: PositionRows, known_firms: set[str], within: Mapping[RegionCode, frozenset[str]]) -> None:
        """`within`: the units of each branch that is imported for."""
        self.rows = rows
        self._within = within
        self._known_firms = known_firms

    def decide(self, write: Write) -> Effect:
        """What comes of a write. Raises `Refusal`."""
        told = _Told()
        left, review = 0, Review.APPROVED
        match write:
            case ImportPositions():
                left, review = self._import(write, told), Review.WAITING
            case ReviewPositions():
                left, review = self._review(write, told), write.review
            case EditPosition():
                review = self._edit(write, told)
            case ClosePosition():
                left, review = self._close(write, told)
        bodies: list[tuple[Channel, AnyBody]] = []
        for session in sorted(told.shelves):
            shelf = self.rows.touch(session)
            shelf.revision += 1
            bodies.append((channel(Kind.STAGE, session), ShelfChanged(revision=shelf.revision)))
        bodies += [(channel(Kind.STAGE, session), body) for session, body in told.cards]
        bodies += [(channel(Kind.FIRM, firm), PositionsChanged()) for firm in sorted(told.firms)]
        return Effect(reply=Changed(positions=tuple(told.changed), left=left, review=review), bodies=bodies)

    # ---- import ------------------------------------------------------------------------------------------------------

    def _import(self, write: ImportPositions, told: _Told) -> int:
        if write.session is not None and write.session not in self.rows.shelves:
            raise Refusal(Code.NOT_FOUND, what="session", id=write.session[:80])
        return sum(not self._import_row(write, row, told) for row in write.rows)

    def _import_row(self, write: ImportPositions, row: ImportedRow, told: _Told) -> bool:
        """Whether anything changed."""
        id = row.position.id
        old = self.rows.by_id.get(id)
        if old is None:
            self.rows.keep_version(row.position, write.by, write.at_ms)
            self.rows.put(
                Row(position=row.position, review=row.review, flags=row.flags, edited_at_ms=write.at_ms), write.at_ms
            )
            self._tell_firm(row.position, told, only_known=True)
            told.changed.append(id)
        elif old.position.enterprise != row.position.enterprise and not _same_firm(old, row):
            return False  # the number of a position in another enterprise's workbook
        elif self._is_elsewhere(write, old):
            return False
        changed = old is None or self._import_edit(write, row, old, told)
        if write.session is not None and self.rows.wish(id, write.session):
            now = self.rows.by_id[id]
            if now.review is Review.APPROVED and self.rows.place(id, write.session):
                told.shelves.add(write.session)
                if not changed:
                    told.changed.append(id)
                changed = True
        return changed

    def _is_elsewhere(self, write: ImportPositions, old: Row) -> bool:
        """Whether another branch reviews it. A draft was reviewed by nobody, and may lie elsewhere by mistake."""
        if write.branch is None or old.review is Review.DRAFT:
            return False
        return old.position.region not in self._within[write.branch]

    def _import_edit(self, write: ImportPositions, row: ImportedRow, old: Row, told: _Told) -> bool:
        there = old.position
        fresh = msgspec.structs.replace(row.position, version=there.version, closed=there.closed)
        complete = old.review in (Review.WAITING, Review.APPROVED)
        if fresh == there or (row.review is Review.DRAFT and complete):
            return False
        edited = msgspec.structs.replace(fresh, version=there.version + 1)
        keeps = old.review is Review.APPROVED and (self._on_air(there.id) or not needs_review(there, edited))
        self._change(write, edited, Review.APPROVED if keeps else row.review, () if keeps else row.flags, told)
        return True

    # ---- review ------------------------------------------------------------------------------------------------------

    def _review(self, write: ReviewPositions, told: _Told) -> int:
        alone = len(write.positions) == 1
        left = 0
        for id, region in write.positions:
            row = self.rows.by_id.get(id)
            if row is None or row.position.region != region:
                if alone:
                    raise Refusal(Code.NOT_FOUND, what="position", id=id[:80])
                left += 1
            elif row.edited_at_ms > write.seen_ms:
                if alone:
                    raise Refusal(Code.POSITION_CHANGED, version=row.position.version)
                left += 1
            elif row.review is write.review or (write.waiting_only and row.review is not Review.WAITING):
                left += 1
            elif write.review is Review.APPROVED and first_bar(row.flags):
                if alone:
                    raise Refusal(Code.POSITION_FAULTY, why=first_bar(row.flags))
                left += 1
            else:
                self._decided(write, row, told)
        return left

    def _decided(self, write: ReviewPositions, row: Row, told: _Told) -> None:
        position = row.position
        was_shown = row.review is Review.APPROVED
        row.review, row.reason = write.review, write.reason if write.review is Review.REFUSED else ""
        self.rows.put(row, write.at_ms)
        self.rows.note(write.by, _DID.get(write.review, "review_position"), position.id, write.at_ms)
        told.changed.append(position.id)
        self._tell_firm(position, told)
        if write.review is Review.APPROVED:
            for session in sorted(self.rows.wishes[position.id]):
                self.rows.place(position.id, session)
            told.shelves |= self.rows.shelves_with(position.id)
        elif was_shown:
            self._take_off(position.id, told)

    def _take_off(self, id: PositionId, told: _Told) -> None:
        """From every shelf and stage; its numbers stay its own."""
        for session in sorted(self.rows.shelves_with(id)):
            told.shelves.add(session)
            shelf = self.rows.touch(session)
            shelf.undo = [card for card in shelf.undo if card is None or card.position.id != id]
            if shelf.card is not None and shelf.card.position.id == id:
                shelf.card, shelf.undo = None, []
                told.cards.append((session, CardHidden(position=id)))

    # ---- edit, close -------------------------------------------------------------------------------------------------

    def _edit(self, write: EditPosition, told: _Told) -> Review:
        row = self._row(write.position.id)
        if row.position.version != write.position.version:
            raise Refusal(Code.POSITION_CHANGED, version=row.position.version)
        there = row.position
        same = msgspec.structs.replace(write.position, closed=there.closed, synthetic=there.synthetic)
        if same == there:
            return row.review
        edited = msgspec.structs.replace(same, version=there.version + 1)
        review = self._review_after(write, row, edited)
        self.rows.note(write.by, "edit_position", there.id, write.at_ms)
        self._change(write, edited, review, () if review is Review.APPROVED else write.flags, told)
        return review

    def _review_after(self, write: EditPosition, row: Row, edited: Position) -> Review:
        """What an edit leaves of the review. Raises `Refusal(POSITION_FAULTY)`."""
        bar = first_bar(write.flags)
        if row.review is Review.APPROVED:
            if write.operator or self._on_air(edited.id):
                if bar:
                    raise Refusal(Code.POSITION_FAULTY, why=bar)
                return Review.APPROVED
            if not bar and not needs_review(row.position, edited):
                return Review.APPROVED
        elif write.operator and bar:
            raise Refusal(Code.POSITION_FAULTY, why=bar)
        return Review.DRAFT if write.flags else Review.WAITING

    def _close(self, write: ClosePosition, told: _Told) -> tuple[int, Review]:
        row = self._row(write.position)
        if row.position.closed == write.closed:
            return 1, row.review
        row.position = msgspec.structs.replace(row.position, closed=write.closed)
        self.rows.put(row, write.at_ms)
        self.rows.note(write.by, "close_position" if write.closed else "open_position", write.position, write.at_ms)
        self._show_anew(row, told)
        told.changed.append(write.position)
        self._tell_firm(row.position, told)
        return 0, row.review

    # ---- what all of them do -----------------------------------------------------------------------------------------

    def _change(self, write: Write, edited: Position, review: Review, flags: tuple[Flag, ...], told: _Told) -> None:
        """Another version, and everybody who looks at it is told."""
        old = self.rows.by_id[edited.id]
        was_shown = old.review is Review.APPROVED
        self.rows.keep_version(old.position, write.by, old.edited_at_ms)
        self.rows.keep_version(edited, write.by, write.at_ms)
        row = Row(position=edited, review=review, flags=flags, edited_at_ms=write.at_ms)
        self.rows.put(row, write.at_ms)
        told.changed.append(edited.id)
        self._tell_firm(edited, told)
        if review is Review.APPROVED:
            self._show_anew(row, told)
        elif was_shown:
            self._take_off(edited.id, told)

    def _show_anew(self, row: Row, told: _Told) -> None:
        """The same position with other facts, on shelves and as the card that stands or may come back by an undo."""
        if row.review is not Review.APPROVED:
            return
        position = row.position

        def renewed(card: Card | None) -> Card | None:
            if card is None or card.position.id != position.id:
                return card
            return msgspec.structs.replace(card, position=position)

        for session in sorted(self.rows.shelves_with(position.id)):
            told.shelves.add(session)
            shelf = self.rows.touch(session)
            shelf.undo = [renewed(card) for card in shelf.undo]
            before, shelf.card = shelf.card, renewed(shelf.card)
            if shelf.card is not None and shelf.card is not before:
                told.cards.append((session, CardUpdated(card=shelf.card)))

    def _on_air(self, id: PositionId) -> bool:
        return any(self.rows.shelves[session].state in ON_AIR for session in self.rows.shelves_with(id))

    def _tell_firm(self, position: Position, told: _Told, *, only_known: bool = False) -> None:
        if not only_known or position.enterprise in self._known_firms:
            told.firms.add(position.enterprise)

    def _row(self, id: PositionId) -> Row:
        row = self.rows.by_id.get(id)
        if row is None:
            raise Refusal(Code.NOT_FOUND, what="position", id=id[:80])
        return row
