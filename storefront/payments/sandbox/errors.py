"""Refusals in Stripe's form."""

from typing import ClassVar

from storefront.payments.sandbox.forms import Json


class ApiError(Exception):
    """An answer that is not 200. `is_kept`: whether the idempotency key remembers it."""

    status: ClassVar[int] = 400
    kind: ClassVar[str] = "invalid_request_error"
    is_kept: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.param = param

    def body(self) -> Json:
        error: Json = {"message": str(self), "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


class InvalidParameter(ApiError):
    """Refused before anything began: the same key may be used again with a better body."""


class Impossible(ApiError):
    """Understood, and refused for how things stand: the same key hears it again."""

    is_kept = True


class Missing(ApiError):
    status = 404


class Unauthorized(ApiError):
    status = 401


class KeyUsedOtherwise(ApiError):
    kind = "idempotency_error"


class KeyInUse(ApiError):
    status = 409
    kind = "idempotency_error"


class TooManyRequests(ApiError):
    status = 429


class Broken(ApiError):
    status = 500
    kind = "api_error"


def no_such(kind: str, object_id: str, param: str) -> Missing:
    return Missing(f"No such {kind}: '{object_id}'", code="resource_missing", param=param)
