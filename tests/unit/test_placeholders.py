"""Ids that name nobody are told from ids of somebody."""

import time

import pytest

from graph.rules.placeholders import is_placeholder

OF_NOBODY = """
NULL|Undefined|None|NaN|nil|(null)|#N/A|<nil>|(not set)|not set|Optional.empty|undefined-undefined|undefined undefined
user_undefined|id:None|null,null|undefined@undefined|null@null.com|0|000-000|0000000000|00000000-0000-0000-0000-000000000000|-1|--|true
anonymous|anonymousUser|AnonymousUser|guest|nobody|not_authenticated|logged-out|signed out|REPLACE_ME|ANONYMOUS_USER|string|user|userId|USER_ID
user.id|email|YOUR_USER_ID|placeholder|changeme|default|example|xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
3fa85f64-5717-4562-b3fc-2c963f66afa6|9774d56d682e549c|02:00:00:00:00:00|{}|[]|""|''|?|...
{{user.id}}|{{ user.id }}|{{User ID}}|{{{id}}}|{% user %}|${userId}|${user.id}|#{user.id}|@{user}|$(USER_ID)|${{ user.id }}
<%= user.id %>|<?= $id ?>|<? echo $id; ?>|%%userid%%|[[user]]|[%user%]|##userid##
{user_id}|{0}|{ userId }|<user_id>|<user id>|[USER_ID]|%USERID%|__USER_ID__|:user_id|:id|:userId
$user_id|$user->id|$user[id]|@user.id|@Model.UserId|{$user.id}|%s|%d|%@|%1$s|%(user_id)s|{:?}
this.user.id|window.userId|user?.id|session['user']|request.user.email|currentUser.getId()
[object Object]|[object Promise]|[Function: id]|[native code]|Symbol(id)|Promise { <pending> }|function () { return 1 }
() => user.id|com.shop.User@6d06d69c|[Ljava.lang.String;@1b28cdfa|System.Object|java.lang.Object
System.Collections.Generic.List`1[System.String]|<__main__.User object at 0x7f3c>|<User: None>|#<User:0x00007f>
<bound method User.id of x>|Some(null)|Optional[anna]|Optional("anna")|#VALUE!|#REF!|TypeError: x is undefined
"""
OF_SOMEBODY = """
null@shop.example|nil.s@nil.is|1|10|nullable|anna|0x1f|guest-7|trueman|anna@shop.example|a+b@shop.example|anna.smith@facade|Anna Smith|a/b|//|50%|%2F|a?b#c
é|😀|' OR 1=1 //|}) DETACH DELETE n //|$1.50|`|"|\\|user.123|user-17|user_42|auth0|123|google-oauth2|117|user:anna|id-7
{3f2504e0-4f89-11d3-9a0c-0305e82c3301}|3f2504e0-4f89-11d3-9a0c-0305e82c3301|507f1f77bcf86cd799439011|01HZX3
$RCAnonymousID:87c6049c58069238dce29853916d624c|S-1-5-21-3623811015|CN=Anna,OU=Shop|anna_none_7|visitor-9|null-island-fan
urn:user:7|+4915112345678|<anna@shop.example>|Nobody Knows|customer-1|idris|emil|string-quartet|Noneya
"""


def ids(text: str) -> list[str]:
    return [each for line in text.strip().splitlines() for each in line.split("|")]


@pytest.mark.parametrize(
    "user_id",
    [
        *ids(OF_NOBODY),
        "*|USERID|*",
        "||user||",
        "user-{{id}}",
        "cust_${userId}",
        "{{id}}@shop.example",
        "#userId#",
        "@user.id@",
        "$userId$",
        "%7B%7Buser.id%7D%7D",
        "  {{user.id}} ",
    ],
)
def test_an_id_that_names_nobody_is_a_placeholder(user_id: str) -> None:
    assert is_placeholder(user_id)


@pytest.mark.parametrize(
    "user_id",
    [
        *ids(OF_SOMEBODY),
        "__anna__",
        "@kopi.id",
        "@brand.name",
        "$david",
        "$Sidney",
        ":paid",
        "#david#",
        "@david@",
        "j.Smith@decade",
        "$JohnSmith",
        "@model.anna",
        "system.backup",
        "<https://pod.example/card#me>",
        "auth0|5f7c8ec7c33c6c004bbafe82",
    ],
)
def test_an_id_of_somebody_is_no_placeholder(user_id: str) -> None:
    assert not is_placeholder(user_id)
    assert is_placeholder(user_id, more=[user_id.upper()])


@pytest.mark.parametrize("start", ["", "$id", "$user", "user.", "{", "<", "#<", "@a."])
@pytest.mark.parametrize(
    "part", ["[]", "->a", "a.", "{", "[", "<", "user.", "w", "_", "0", "%", "#", "@a", "some(", "id"]
)
def test_an_id_of_any_form_takes_little_time(start: str, part: str) -> None:
    started = time.process_time()
    for end in ("!", "", "]", "@"):
        is_placeholder((start + part * 256)[:255] + end)
    # A form that backtracks takes years. This is the process's own time, and a thousand times what it needs.
    assert time.process_time() - started < 1
