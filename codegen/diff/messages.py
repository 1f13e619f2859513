"""Messages that come, go, or are told, answered and handled in another way."""

from __future__ import annotations

from codegen.contract import Json, Message
from codegen.diff.changes import Verdict
from codegen.diff.matching import Pairs, Sent, tells_otherwise
from codegen.diff.notes import Notes, value_at
from codegen.diff.words import code, value_path
from codegen.document import Document, Location


class MessageChanges:
    """Compares all messages of two contracts, their payloads aside."""

    def __init__(self, notes: Notes, pairs: Pairs) -> None:
        self._notes = notes
        self._pairs = pairs
        self._renamed = {old.message.key: new.message.key for old, new in pairs.messages}
        self._gone = {sent.message.key for sent in pairs.removed_messages}
        self._fresh = {sent.message.key for sent in pairs.added_messages}

    def compare(self) -> None:
        """Note every change."""
        gone_channels = {id(channel) for channel in self._pairs.removed_channels}
        new_channels = {id(channel) for channel in self._pairs.added_channels}
        for sent in self._pairs.removed_messages:
            if id(sent.channel) not in gone_channels:
                self._removed(sent)
        for sent in self._pairs.added_messages:
            if id(sent.channel) not in new_channels:
                self._added(sent)
        channels = {id(old): new for old, new in self._pairs.channels}
        for old, new in self._pairs.messages:
            self._tag(old, new)
            self._response(old, new)
            self._action(old, new)
            self._correlation(old, new)
            self._names(old, new)
            self._content_type(old, new)
            self._deprecated(old, new)
            if channels.get(id(old.channel)) is not new.channel and self._notes.enveloped:
                self._moved(old, new)

    # --- come and gone ---

    def _removed(self, sent: Sent) -> None:
        name = code(sent.called)
        if sent.direction == "client_to_server":
            verdict: Verdict = "breaking"
            reason = f"clients that send {name} are refused: there is no such message any more"
        elif self._only_answers(sent, self._notes.old.contract.messages, self._gone):
            verdict = "compatible"
            reason = f"{name} only answered what clients can send no more"
        elif any(self._answers(old.message, sent) for old, _ in self._pairs.messages):
            return  # told of with the request whose answer it was
        elif sent.message.action in ("reset", "close"):
            verdict = "compatible"
            reason = f"{name}, which {_DOES[str(sent.message.action)]}, is sent no more; nobody waits for it"
        else:
            verdict = "breaking"
            reason = f"clients that wait for {name} wait in vain: it is sent no more"
        self._note(verdict, "message-removed", reason, old=sent, new=None)

    def _added(self, sent: Sent) -> None:
        name = code(sent.called)
        if sent.direction == "client_to_server":
            verdict: Verdict = "compatible"
            reason = f"clients may send {name} now; nobody has to"
        elif self._only_answers(sent, self._notes.new.contract.messages, self._fresh):
            verdict = "compatible"
            reason = f"{name} answers only what clients could not send before"
        elif any(self._answers(new.message, sent) for _, new in self._pairs.messages):
            return  # told of with the request whose answer it is
        elif sent.message.action == "update" and not self._has_subscribers(sent):
            verdict = "compatible"
            reason = f"{name} is sent only to those who subscribe to what nobody could subscribe to before"
        elif sent.message.action in ("reset", "close"):
            verdict = "dangerous"
            missed = (
                "hold on to what is void"
                if sent.message.action == "reset"
                else "wait for its updates in vain"
            )
            does = _DOES[str(sent.message.action)]
            reason = f"{name} {does}, which clients of the old contract do not know: they {missed}"
        else:
            verdict = "dangerous"
            reason = (
                f"clients that take every message of {code(sent.channel.address)} for one of those they know "
                f"meet {name}"
            )
        self._note(verdict, "message-added", reason, old=None, new=sent)

    def _has_subscribers(self, sent: Sent) -> bool:
        old = next((old for old, new in self._pairs.channels if new is sent.channel), None)
        return old is None or old.is_topic or bool(old.updates)

    def _only_answers(self, sent: Sent, messages: tuple[Message, ...], concerned: set[str]) -> bool:
        """Whether a message is the answer to some of these requests, all of which come or go."""
        requests = [message.key for message in messages if self._answers(message, sent)]
        return bool(requests) and all(key in concerned for key in requests)

    @staticmethod
    def _answers(request: Message, sent: Sent) -> bool:
        return request.response == sent.message.key

    def _moved(self, old: Sent, new: Sent) -> None:
        self._note(
            "dangerous",
            "message-moved",
            f"nothing changes on the wire, but code that handles {code(new.called)} has to look for it at "
            f"the channel {code(new.channel.name)}, no longer at {code(old.channel.name)}",
            old=old,
            new=new,
            values=(old.channel.address, new.channel.address),
            code_only=True,
        )

    # --- the same message, told in another way ---

    def _tag(self, old: Sent, new: Sent) -> None:
        before, after = old.message.tag, new.message.tag
        if not tells_otherwise(old, new):
            return
        if before and after and before.value == after.value and self._notes.enveloped:
            return
        if before is None or after is None:
            kind = "tag-added" if before is None else "tag-removed"
            tag = after or before
            assert tag is not None
            told = f"{code(old.message.key)} from other messages by {code(value_path(tag.path))}"
            reason = (
                f"clients that tell {told} may no longer: not every one has it"
                if after is None
                else f"clients may have to tell {told} now"
            )
            # What the payload requires is compared elsewhere; this is how readers choose.
            self._note("dangerous", kind, reason, old=old, new=new, values=(_tag(before), _tag(after)))
            return
        if old.direction == "client_to_server":
            reason = (
                f"clients that send {code(value_path(before.path))}: {code(before.value)} are refused: the server "
                f"knows the message by {code(value_path(after.path))}: {code(after.value)} now"
            )
        else:
            reason = (
                f"clients that wait for {code(value_path(before.path))}: {code(before.value)} never see it: it is "
                f"sent as {code(value_path(after.path))}: {code(after.value)} now"
            )
        self._note("breaking", "tag-changed", reason, old=old, new=new, values=(_tag(before), _tag(after)))

    def _response(self, old: Sent, new: Sent) -> None:
        before, after = old.message.response, new.message.response
        if before is not None and after is not None and self._renamed.get(before, before) == after:
            return
        if before == after:
            return
        name = code(old.called)
        verdict: Verdict = "breaking"
        if after is None:
            reason = (
                f"clients that await the answer to {name} wait in vain: {code(before)} is promised no more"
            )
            kind = "response-removed"
        elif before is None:
            verdict = "dangerous"
            reason = f"clients that expect no answer to {name} are sent {code(after)}"
            kind = "response-added"
        else:
            reason = f"clients that await {code(before)} in answer to {name} are sent {code(after)}"
            kind = "response-changed"
        self._note(verdict, kind, reason, old=old, new=new, values=(before, after), direction_of_answer=True)

    def _action(self, old: Sent, new: Sent) -> None:
        before, after = old.message.action, new.message.action
        if before == after:
            return
        name = code(new.called)
        if before is None:
            verdict: Verdict = "dangerous"
            reason = f"{name} {_DOES[str(after)]} now, which clients made from the old contract do not know"
        else:
            verdict = "breaking"
            does = f"; it {_DOES[str(after)]}" if after else ""
            reason = f"clients count on it that {name} {_DOES[before]}, and it does so no longer{does}"
        self._note(verdict, "action-changed", reason, old=old, new=new, values=(before, after))

    def _correlation(self, old: Sent, new: Sent) -> None:
        before, after = old.message.correlation, new.message.correlation
        if before == after or self._is_renamed_id(before, after):
            return
        name = code(new.called)
        if before is None:
            self._note(
                "compatible",
                "correlation-added",
                f"{name} may carry an id at {code(value_path(after or ()))} now; nobody has to use it",
                old=old,
                new=new,
                values=(None, value_path(after or ())),
            )
            return
        where = "no id" if after is None else f"the id at {code(value_path(after))}"
        self._note(
            "breaking",
            "correlation-changed",
            f"clients that match {name} by the id at {code(value_path(before))} find none there: it has {where} now",
            old=old,
            new=new,
            values=(value_path(before), None if after is None else value_path(after)),
        )

    def _content_type(self, old: Sent, new: Sent) -> None:
        before, after = _content_type(old), _content_type(new)
        if before == after:
            return
        name = code(new.called)
        if new.direction == "client_to_server":
            reason = f"clients that send {name} as {code(before)} are not understood: it is {code(after)} now"
        else:
            reason = f"clients that read {name} as {code(before)} cannot: it is {code(after)} now"
        self._note("breaking", "content-type-changed", reason, old=old, new=new, values=(before, after))

    def _deprecated(self, old: Sent, new: Sent) -> None:
        before, after = (_written(sent, "deprecated", "x-deprecated") for sent in (old, new))
        if after and not before:
            reason = f"clients may go on using {code(new.called)} for now, but ought to leave it"
            self._note("compatible", "message-deprecated", reason, old=old, new=new, values=(before, after))

    def _is_renamed_id(self, before: tuple[str, ...] | None, after: tuple[str, ...] | None) -> bool:
        """Whether the envelope's own field for ids is called differently, which is told of there."""
        one, other = self._notes.old.contract.envelope, self._notes.new.contract.envelope
        return one is not None and other is not None and before == (one.id,) and after == (other.id,)

    def _names(self, old: Sent, new: Sent) -> None:
        one, other = old.message, new.message
        is_told = old.channel.name != new.channel.name or tells_otherwise(old, new)
        if one.key == other.key and (is_told or one.method == other.method):
            return
        if old.direction == "server_to_client" and any(
            was.message.key == one.key
            for was, _ in self._pairs.messages
            if was.direction == "client_to_server"
        ):
            return  # told of once
        names = [f"{code(one.schema)} to {code(other.schema)}"] if one.schema != other.schema else []
        if one.method != other.method:
            names.append(f"{code(one.method)} to {code(other.method)}")
        if not names:
            return
        self._note(
            "dangerous",
            "message-renamed",
            f"nothing changes on the wire, but code that uses what is generated has to change {' and '.join(names)}",
            old=old,
            new=new,
            values=(one.key, other.key),
            code_only=True,
        )

    def _note(
        self,
        verdict: Verdict,
        kind: str,
        reason: str,
        *,
        old: Sent | None,
        new: Sent | None,
        values: tuple[Json, Json] | None = None,
        code_only: bool = False,
        direction_of_answer: bool = False,
    ) -> None:
        sent = new or old
        assert sent is not None
        if values is None:
            values = (
                old.called if old is not None else None,
                new.called if new is not None else None,
            )
        self._notes.note(
            verdict,
            kind,
            reason,
            subject=sent.called,
            direction="server_to_client" if direction_of_answer else sent.direction,
            old=values[0],
            new=values[1],
            at=(
                place_of(self._notes.old.document, old) if old is not None else None,
                place_of(self._notes.new.document, new) if new is not None else None,
            ),
            messages=(sent.message.key,),
            scope="code" if code_only else "wire",
        )


_DOES = {
    "subscribe": "subscribes to the topic",
    "unsubscribe": "unsubscribes from the topic",
    "update": "is an update of the topic",
    "reset": "begins a topic anew",
    "close": "takes a topic from its subscribers",
}


def _tag(tag: object) -> Json:
    from codegen.contract import Tag  # noqa: PLC0415 - for its type alone

    return {value_path(tag.path): tag.value} if isinstance(tag, Tag) else None


def _written(sent: Sent, *fields: str) -> Json:
    """What the document says of a message under the first of some fields."""
    value = value_at(sent.document, place_of(sent.document, sent))
    found_values = (
        (value[field] for field in fields if field in value) if isinstance(value, dict) else iter(())
    )
    return next(found_values, None)


def _content_type(sent: Sent) -> str:
    """The media type of a message without its parameters; all kinds of JSON are one."""
    root = value_at(sent.document, sent.document.root)
    written = _written(sent, "contentType") or (
        root.get("defaultContentType") if isinstance(root, dict) else None
    )
    kind = written.split(";")[0].strip().lower() if isinstance(written, str) else "application/json"
    return "application/json" if kind.endswith("+json") or kind == "text/json" else kind


def place_of(document: Document, sent: Sent) -> Location | None:
    """Where a message is written."""
    at = document.root.child("components", "messages", sent.message.key)
    if document.has(at):
        return document.follow(at)
    if sent.message.payload is not None:
        payload = sent.message.payload
        return Location(payload.file, payload.pointer[:-1]) if payload.pointer else payload
    return sent.channel.place
