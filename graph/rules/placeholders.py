"""Which ids name nobody: what broken pages send for everybody, and what templates and serialisers leave behind.

A claim by such an id would join strangers. Segment and PostHog refuse some of them, for that reason:
https://support.twilio.com/hc/en-us/articles/43720564918427-How-to-Block-Identifier-Values-in-Unify
https://github.com/PostHog/posthog/blob/master/plugin-server/src/worker/ingestion/persons/person-merge-service.ts
"""

import re
from collections.abc import Iterable

#: What languages, databases and forms write for "no value".
NOTHING = frozenset(
    [
        "null",
        "none",
        "nil",
        "nan",
        "undefined",
        "void",
        "empty",
        "blank",
        "missing",
        "unset",
        "unknown",
        "na",
        "n/a",
        "#n/a",
        "#ref!",
        "nothing",
        "<nil>",
        "(null)",
        "(none)",
    ]
) | {"not set", "(not set)", "not available", "not found", "no value", "optional.empty", "infinity", "-infinity"}

#: What sites call somebody who is not logged in. `anonymousUser` is Spring's, `AnonymousUser` Django's.
NOBODY = frozenset(
    [
        "anonymous",
        "anon",
        "anonymoususer",
        "anonymous_user",
        "anonymous-user",
        "guest",
        "guestuser",
        "guest_user",
        "guest-user",
        "visitor",
        "nobody",
        "noone",
        "nouser",
        "no_user",
        "no-user",
        "public",
        "loggedout",
        "logged_out",
        "logged-out",
        "signedout",
        "signed_out",
        "signed-out",
        "notloggedin",
        "not_logged_in",
        "not-logged-in",
        "unauthenticated",
        "not_authenticated",
        "unidentified",
        "unregistered",
    ]
) | {"anonymous user", "guest user", "no user", "logged out", "signed out", "not logged in", "not authenticated"}

#: The name of the field instead of its value, and what examples and documentation write for it. `string` is Swagger's.
NAMES = frozenset(
    [
        "id",
        "uid",
        "uuid",
        "guid",
        "user",
        "userid",
        "user_id",
        "user-id",
        "user.id",
        "username",
        "user_name",
        "usr",
        "customer",
        "customerid",
        "customer_id",
        "customer-id",
        "memberid",
        "member_id",
        "accountid",
        "account_id",
        "account-id",
        "clientid",
        "client_id",
        "distinctid",
        "distinct_id",
        "distinct-id",
        "externalid",
        "external_id",
        "profileid",
        "profile_id",
        "email",
        "e-mail",
        "mail",
        "anonymousid",
        "anonymous_id",
        "string",
        "text",
        "number",
        "integer",
        "object",
        "value",
        "default",
        "placeholder",
        "example",
        "sample",
        "changeme",
        "change_me",
        "replaceme",
        "replace_me",
        "replace-me",
        "todo",
        "tbd",
        "xxx",
    ]
) | {"user id", "customer id", "your user id", "your_user_id", "your-user-id", "userid_here", "test@test.com"}

#: Ids of everybody: examples of UUIDs that people copy, the broken ANDROID_ID of a series of phones
#: (https://issuetracker.google.com/issues/36919980), and the address that Android and iOS give instead of the real one.
OF_EVERYBODY = frozenset(
    {
        "true",
        "false",
        "-1",
        "example@example.com",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
        "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "123e4567-e89b-12d3-a456-426614174000",
        "550e8400-e29b-41d4-a716-446655440000",
        "9774d56d682e549c",
        "02:00:00:00:00:00",
    }
)

#: What is left where something stood between signs.
SIGNS = frozenset(["{}", "[]", "()", "<>", '""', "''", "?", "??", "???", "-", ".", "...", "%%", "$$", "n.a.", "()=>{}"])

PLACEHOLDERS = NOTHING | NOBODY | NAMES | OF_EVERYBODY | SIGNS

#: A zero UUID or a zero number.
_ZEROS_AND_DASHES = re.compile(r"[0\-\s_.]+")
#: `{3f2504e0-…}` is Microsoft's way to write a UUID, and no template.
_NO_UUID = r"(?![0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4})"
#: The name of a field with an id, by which a variable is told from a name such as `$david` or a handle such as `@kopi.id`.
_FIELD = (
    r"(?:(?:(?:current_?)?(?:user|customer|member|account|client|profile|visitor|distinct|external|anonymous)_?)?"
    r"(?:id|uid|guid|email|name)|user)"
)
#: Words that are joined without naming anybody: `undefined-undefined`, `user_null`, `id:None`.
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_NOTHING_WORDS = frozenset(["null", "none", "nil", "nan", "undefined"])

#: What templates leave behind where they were not filled, as regular expressions of a whole id.
_RESIDUE = (
    # Handlebars, Jinja, Liquid, Angular, Vue: {{ user.id }}, {% user %}; Google Tag Manager: {{User ID}}
    r"\{\{.*\}\}|\{%.*%\}",
    # JavaScript, shells, JSP, Kotlin: ${userId}; Ruby and JSF: #{user.id}; Thymeleaf: @{…}, *{…}; GitHub: ${{ … }}
    r"[$#@*~%]\{.*\}|\$\(.*\)|\$\{\{.*\}\}",
    # ERB, EJS, ASP: <%= user.id %>; PHP: <?= $id ?>
    r"<%.*%>|<\?.*\?>",
    # Mailchimp: *|USERID|*; Salesforce and SendGrid: %%userid%%, [[user]], [%user%]; Adobe: ##userid##
    r"\*\|.*\|\*|%%.*%%|\[\[.*\]\]|\[%.*%\]|##.*##|\|\|.*\|\|",
    # f-strings and .NET: {user_id}, {0}; documentation: <user_id>, [USER_ID], %USERID%, __USER_ID__, :userId
    rf"\{{{_NO_UUID}[\w.\- ]*\}}|<{_NO_UUID}[\w.\- /]+>|\[{_NO_UUID}[\w.\- ]+\]|%[\w.]+%|__{_FIELD}__|:{_FIELD}",
    # Variables: $user_id, $user->id, @user.id, @Model.UserId, {$user.id}
    rf"\${_FIELD}(?:->\w+|\[[^\[\]]*\])*|@(?:user|model|viewbag|request|session)(?:\.\w+)*\.{_FIELD}|\{{\$.*\}}",
    # Build tools and mail merges: @user.id@, #userId#, $userId$; and templates that were escaped: %7B%7Buser.id%7D%7D
    rf"@(?:\w+\.)?{_FIELD}@|#{_FIELD}#|\${_FIELD}\$|%7b%7b.*|&lt;%.*",
    # printf and its kin: %s, %d, %@, %1$s, %(user_id)s, {:?}
    r"%(?:\d+\$)?[sdiufxv@]|%\(\w+\)[sd]|\{:[^}]*\}",
    # Expressions that were not evaluated: user.id, user['id'], this.props.userId, window.userId, user?.id
    (
        r"(?:\w+\??\.)*(?:this|window|self|data|props|state|req|request|session|current_?user|user|auth)"
        r"(?:\??\.(?:get_?)?(?:user_?|customer_?)?(?:id|uid|email|name|sub)|\[['\"].*['\"]\])(?:\(\))?"
    ),
)
#: What serialisers and loggers make of a value that is no text.
_SERIALISED = (
    # JavaScript writes [object Object], [Function: id], [native code], Symbol(id), Promise { <pending> }.
    r"\[object .*\]|\[(?:async)?function.*\]|\[circular.*\]|\[native code\]|symbol\(.*\)|promise ?\{.*\}|function\b.*\{.*|\(.*\) ?=>.*",
    # Java writes the class of an object, and of an array: com.shop.User@6d06d69c, [Ljava.lang.String;@1b28cdfa. C# writes
    # System.Object. A class has a capital, which the host in an e-mail address has not.
    r"(?-i:(?:[a-z_]\w*\.){2,}[A-Z]\w*@[0-9a-f]{5,8})|\[l?[\w.]+;?@[0-9a-f]+|(?-i:System\.[A-Z][\w.`\[\]+, ]*)|java\.(?:lang|util)\.[\w.$]+",
    # Python, Ruby and Objective-C write <User: None>, <__main__.User object at 0x7f…>, #<User:0x000…>, <User 0x600…>.
    r"#?<[^<>]*(?:0x[0-9a-f]+| object|\w: )[^<>]*>|<bound method.*|<function.*",
    # Rust, Scala, Java, Swift: Some(null), Optional[…], Optional("anna"), Just …, None$
    r"(?:some|optional|just|maybe)[(\[].*[)\]]|optional\.empty.*|none\$",
    # Errors in place of a value: #VALUE!, #NAME?, Error: …, TypeError: …, Exception …
    r"#(?:value|name|ref|null|div/0|num)[!?]|\w*(?:error|exception): .*",
)
#: Templates that leave their signs anywhere in an id, such as `user-{{id}}`.
_TEMPLATE = re.compile(r"\{\{.*\}\}|\$\{[^}]*\}|<%.*%>|\{%.*%\}", re.DOTALL)
_LEFT_BEHIND = re.compile("|".join((*_RESIDUE, *_SERIALISED)), re.DOTALL | re.IGNORECASE)


def is_placeholder(given: str, more: Iterable[str] = ()) -> bool:
    """Whether an id of a user or a browser names nobody; `more` are the tenant's own placeholders."""
    folded = given.strip().casefold()
    return (
        folded in PLACEHOLDERS
        or _ZEROS_AND_DASHES.fullmatch(folded) is not None
        or _LEFT_BEHIND.fullmatch(given.strip()) is not None
        or _TEMPLATE.search(given) is not None
        or _is_made_of_nothing(folded)
        or folded in {placeholder.strip().casefold() for placeholder in more}
    )


def _is_made_of_nothing(folded: str) -> bool:
    """Whether an id joins words for nothing with names of fields, such as `user_undefined` and `null@null.com`."""
    local, _, domain = folded.partition("@")
    if {local, domain.partition(".")[0]} <= _NOTHING_WORDS:
        return True
    words = [word for word in _BETWEEN_WORDS.split(folded) if word]
    return not _NOTHING_WORDS.isdisjoint(words) and all(
        word in _NOTHING_WORDS or word in NAMES or word in NOBODY for word in words
    )
