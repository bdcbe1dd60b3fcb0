"""Whether a role lets the bearer of a token in, as STS decides it; moto does not look.

The token must be the issuer's own, in time, and for an audience that the account's OpenID Connect
provider names. Then a statement of the role's trust policy must allow the action to the provider,
with every condition met, and none may deny it
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jwt

from mlops_lab.core.errors import LabError

ACTION = "sts:AssumeRoleWithWebIdentity"
ISSUER = "https://token.actions.githubusercontent.com"
Policy = Mapping[str, Any]


class Denied(LabError):
    """STS refuses; `code` is its error code, and the message begins with its words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def authorize(token: str, role: str, iam: Any, keys: str, issuer: str = ISSUER) -> dict[str, Any]:
    """The token's claims, if the role with this ARN lets its bearer in.

    `iam` is a client of the account's IAM, and `keys` the URL of the issuer's public keys.

    Raises:
        Denied: it does not.
    """
    host = issuer.removeprefix("https://")
    provider = next(_providers(iam, host), None)
    if provider is None:
        raise Denied(
            "InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {issuer}"
        )
    arn, audiences = provider
    claims = verify(token, keys, audiences, issuer)
    found = iam.get_role(RoleName=role.rpartition("/")[2])["Role"]
    evaluate(found["AssumeRolePolicyDocument"], claims, arn, issuer)
    return claims


def verify(token: str, keys: str, audiences: list[str], issuer: str = ISSUER) -> dict[str, Any]:
    """The claims of a token that the issuer signed, for one of the audiences, not too late.

    Raises:
        Denied: it is none.
    """
    try:
        key = jwt.PyJWKClient(keys).get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=audiences,
            issuer=issuer,
            options={"require": ["exp", "iat", "sub", "aud", "iss"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise Denied("ExpiredToken", "the web identity token has expired") from error
    except jwt.InvalidAudienceError as error:
        raise Denied("InvalidIdentityToken", "Incorrect token audience") from error
    except jwt.PyJWTError as error:
        raise Denied(
            "InvalidIdentityToken", f"the web identity token could not be validated: {error}"
        ) from error
    return claims


def evaluate(policy: Policy, claims: Mapping[str, Any], arn: str, issuer: str = ISSUER) -> None:
    """Return if the trust policy lets in who has these claims from the provider with this ARN.

    Raises:
        Denied: it does not; the message says what of each statement did not hold.
    """
    prefix = issuer.removeprefix("https://")
    context = {f"{prefix}:{name}".lower(): value for name, value in claims.items()}
    reasons, allowed = [], False
    for number, statement in enumerate(_list(policy["Statement"]), 1):
        failed = next(_failures(statement, context, arn), None)
        if statement["Effect"] == "Deny" and failed is None:
            raise _denied(f"statement {number} denies it")
        allowed |= statement["Effect"] == "Allow" and failed is None
        reasons += [f"statement {number}: {failed}"] if failed else []
    if not allowed:
        raise _denied("; ".join(reasons))


def _denied(why: str) -> Denied:
    # STS itself stops before the colon, so as to tell an attacker nothing.
    return Denied("AccessDenied", f"Not authorized to perform {ACTION}: {why}")


def _failures(statement: Policy, context: Mapping[str, Any], arn: str) -> Iterator[str]:
    """What of a statement does not hold, in words."""
    actions = _list(statement.get("Action", ()))
    if not any(_like(pattern.lower(), ACTION.lower()) for pattern in actions):
        yield f"its action is {' or '.join(actions)}"
    principal = statement.get("Principal", {})
    federated = _list(principal.get("Federated", ())) if isinstance(principal, Mapping) else []
    if arn not in federated:
        yield f"its principal is not {arn}"
    for operator, wanted in statement.get("Condition", {}).items():
        for key, values in wanted.items():
            found = context.get(key.lower())
            if not _holds(operator, found, _list(values)):
                yield f"{operator} {key}: {found!r} is not {' or '.join(map(repr, _list(values)))}"


def _holds(operator: str, found: Any, wanted: list[str]) -> bool:
    """Whether one of the claim's values fits one of the wanted; a claim that is missing never does.

    Raises:
        LabError: the lab does not know the operator.
    """
    if operator not in ("StringEquals", "StringLike"):
        raise LabError(f"the lab's STS knows StringEquals and StringLike, not {operator}")
    values = [str(value) for value in _list(found)] if found is not None else []
    fits = _like if operator == "StringLike" else str.__eq__
    return any(fits(pattern, value) for pattern in wanted for value in values)


def _like(pattern: str, value: str) -> bool:
    """IAM's wildcards: ``*`` is any text, slashes and colons too, and ``?`` any character."""
    parts = re.split(r"([*?])", pattern)
    regex = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(regex, value, re.S) is not None


def _providers(iam: Any, host: str) -> Iterator[tuple[str, list[str]]]:
    for entry in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=entry["Arn"])
        if found["Url"].removeprefix("https://").rstrip("/") == host:
            yield entry["Arn"], found["ClientIDList"]


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
