"""The shape of the code, held: who may import whom, and what is open to strangers."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.urls import URLPattern, get_resolver

ROOT = Path(settings.BASE_DIR)
APPS = ["activity", "ambassadors", "campaigns", "demo", "config"]
SLICES = {
    "ambassadors": [
        "accounts",
        "directory",
        "enrolment",
        "provisioning",
        "channels",
        "audit",
        "privacy",
    ],
    "campaigns": [
        "networks",
        "planning",
        "content",
        "sources",
        "approval",
        "sharing",
        "tracking",
        "conversions",
        "reach",
        "variants",
        "library",
        "welcome",
        "home",
    ],
}
# Pages a stranger may see. Everything else asks for a login.
PUBLIC = {
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_request_login_code",
    "account_password_reset_completed",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "language-set",
    "picture",
    "appearance-set",
    "healthz",
    "manifest",
    "offline",
    "service-worker",
    "charter-detail",
    "invitation-open",
    "invitation-answer",
    "invitation-renew",
    "unsubscribe",
    # Opens one item's panel for one person, by a signed link: campaigns/sharing/one_tap.py.
    "share-one-tap",
    # Single sign-on: ambassadors/accounts/sso/door.py.
    "sso-find",
    "sso-begin",
    "sso-callback",
    "sso-acs",
    "sso-finish",
    "sso-metadata",
    "sign-up-ask",
    "sign-up-confirm",
    "sign-up-open",
    # Lets nobody in but the holder of a token: campaigns/conversions/api.py.
    "conversion-report",
    # By a token, not by a login.
    "returns",
    "scim-bulk",
    "scim-config",
    "scim-group",
    "scim-groups",
    "scim-nothing",
    "scim-schema",
    "scim-schemas",
    "scim-search",
    "scim-type",
    "scim-types",
    "scim-user",
    "scim-user-search",
    "scim-users",
}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def product_files(app):
    return [p for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts]


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_from_the_apps_beneath_it(app):
    allowed = {*APPS[: APPS.index(app) + 1]} | ({"config"} if app == "demo" else set())
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in product_files(app)
        for name in imports(path)
        if name.split(".")[0] in APPS and name.split(".")[0] not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("app", SLICES)
def test_a_slice_imports_only_from_the_slices_before_it(app):
    order, wrong = SLICES[app], []
    for position, name in enumerate(order):
        for path in product_files(f"{app}/{name}"):
            for module in imports(path):
                parts = module.split(".")
                later = parts[0] == app and len(parts) > 1 and parts[1] in order[position + 1 :]
                if later or module == f"{app}.models":
                    wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong == []


@pytest.mark.parametrize("app", SLICES)
def test_every_slice_is_known_to_this_test(app):
    folders = {p.parent.name for p in (ROOT / app).glob("*/__init__.py")}
    assert folders - {"migrations", "management", "templatetags"} == set(SLICES[app])


@pytest.mark.parametrize("app", ["activity", "ambassadors", "campaigns"])
def test_every_model_in_a_slice_is_named_in_its_hub(app):
    written = {
        node.name
        for path in product_files(app)
        if "models" in (path.stem, path.parent.name) and path.parent != ROOT / app
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and _is_model(app, node)
    }
    known = {model.__name__ for model in apps.get_app_config(app).get_models()}
    assert written <= known


def _is_model(app, node):
    bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
    abstract = any(
        isinstance(item, ast.ClassDef)
        and item.name == "Meta"
        and any(
            getattr(line, "targets", [None])[0] and line.targets[0].id == "abstract"
            for line in item.body
            if isinstance(line, ast.Assign)
        )
        for item in node.body
    )
    return bool(bases & {"Model", "TwoNames"}) and not abstract


@pytest.mark.parametrize("app", ["activity", "ambassadors", "campaigns"])
def test_an_app_has_one_last_migration(app):
    leaves = [name for label, name in MigrationLoader(None).graph.leaf_nodes() if label == app]
    assert len(leaves) == 1


def patterns(resolver=None, prefix=()):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield entry
        else:
            yield from patterns(entry)


def test_only_the_listed_pages_are_open_to_strangers():
    opened = {
        entry.name
        for entry in patterns()
        if entry.name and not getattr(entry.callback, "login_required", True)
    }
    assert opened - PUBLIC == set()


def test_every_url_has_a_name():
    assert [str(entry.pattern) for entry in patterns() if not entry.name] == []
