"""Identifiers: from whatever a document calls things to names that Python and TypeScript both accept."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_TYPESCRIPT_WORDS = word_set(
    """
    arguments await break case catch class const continue debugger default delete do else enum eval export
    extends false finally for function if implements import in instanceof interface let new null package
    private protected public return static super switch this throw true try typeof undefined var void while
    with yield
    """
)

_TYPESCRIPT_TYPES = word_set(
    """
    AbortController AbortSignal Array ArrayBuffer AsyncGenerator AsyncIterable AsyncIterableIterator
    AsyncIterator Awaited BigInt Boolean DataView Exclude Extract Function Generator Infinity Intl Iterable
    Iterator JSON Map Math NaN NonNullable Number Object Omit Parameters Partial Pick Promise PromiseLike
    Proxy Readonly ReadonlyArray ReadonlyMap ReadonlySet Record Reflect RegExp Required ReturnType Set
    String URL Uint8Array Uppercase WeakMap WeakSet WebSocket globalThis
    """
)

_PYTHON_TYPES = word_set(
    """
    ABC Annotated Any AnyUrl AsyncIterator Awaitable AwareDatetime BaseModel Callable ClassVar Decimal Dict
    Field Final ForwardRef Generic List Literal Never NotRequired Optional Protocol RootModel Self Strict
    StrictBool StrictBytes StrictFloat StrictInt StrictStr Tuple Type TypeAlias TypeAliasType TypeVar UUID
    Union ConfigDict EmailStr IPv4Address IPv6Address MISSING Missing BeforeValidator NaiveDatetime
    NaiveTime AwareTime Base64Str SecretStr Json
    """
)

_GENERATED_TYPES = word_set(
    "Conforming Conforms Connection Integer Nothing Publication Publisher RequestError WebsocketRouteHandler"
)

CLASS_RESERVED = frozenset(
    {name for name in dir(builtins) if name[0].isupper()}
    | set(keyword.kwlist)
    | _TYPESCRIPT_TYPES
    | _PYTHON_TYPES
    | _GENERATED_TYPES
) - {"ConnectionError", "TimeoutError", "PermissionError", "Warning", "UserWarning"}
"""Class names that generated files need for something else."""

VALUE_RESERVED = frozenset(keyword.kwlist) | _TYPESCRIPT_WORDS
"""Words that cannot be used for a method, a variable or a parameter in both languages."""

METHOD_RESERVED = word_set(
    """
    accept close closed connect connection constructor on once receive request send send_frame self socket
    state url
    """
)
"""What generated classes offer themselves."""

_SPELLED = str.maketrans({"$": " ", "@": " at ", "#": " ", "&": " and ", "+": " plus ", "%": " percent "})


def words(text: str) -> list[str]:
    """The words of an authored name: split at anything but letters and digits, and where case says so."""
    text = unicodedata.normalize("NFKC", text).translate(_SPELLED)
    parts = re.findall(r"[^\W_]+", text)
    found: list[str] = []
    for part in parts:
        found += re.findall(
            r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[^\WA-Z_0-9]+[0-9]*|[0-9]+|[A-Z]|[^\WA-Z_]+", part
        ) or [part]
    return found


def pascal(text: str) -> str:
    """PascalCase; a name that begins with a digit gets an underscore-free prefix, an empty one is empty."""
    name = "".join(word[:1].upper() + word[1:] for word in words(text))
    name = "".join(character for character in name if ("_" + character).isidentifier())
    if name and not name.isidentifier():
        name = "N" + name
    return name


def snake(text: str) -> str:
    """snake_case; what is no identifier or a reserved word in either language gets a trailing underscore."""
    name = "_".join(word.lower() for word in words(text))
    name = "".join(character for character in name if ("_" + character).isidentifier())
    if name and not name.isidentifier():
        name = "n" + name
    return name


def soft(name: str, reserved: Collection[str] = ()) -> str:
    """The name, with a trailing underscore where it is a word of Python or TypeScript, or taken otherwise."""
    return name + "_" if name in VALUE_RESERVED or name in reserved else name


def camel(name: str) -> str:
    """A snake_case name in camelCase."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def kebab(text: str) -> str:
    """kebab-case in ASCII, as npm wants it; empty where nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(word.lower() for word in words(ascii_text))


class Names:
    """Names that must not meet. Asks for candidates from short to long and takes the first that is free."""

    def __init__(self, reserved: Collection[str] = ()) -> None:
        self._reserved = frozenset(reserved)
        self._taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._reserved or name in self._taken

    def claim(self, candidates: Iterable[str]) -> str | None:
        """The first free one, which is then taken; None where all are."""
        for name in candidates:
            if name and name not in self:
                self._taken.add(name)
                return name
        return None
