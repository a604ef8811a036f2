"""The examples for JupyterHub: keys that the chart and the hub know, who may sign in. Nothing is started."""

import ast
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "hub"
TEXT = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


# Parts of jupyterhub/values.schema.yaml of zero-to-jupyterhub-k8s, at 02dd73d, for the keys that are used here.
BYTES = {"type": ["number", "string", "null"]}
SCHEMA = closed(
    hub=closed(config={"type": "object"}),
    proxy=closed(
        https=closed(
            enabled={"type": ["boolean", "null"]},
            type={"enum": [None, "", "letsencrypt", "manual", "offload", "secret"]},
            letsencrypt=closed(contactEmail=TEXT, acmeServer=TEXT),
            hosts={"type": "array"},
        )
    ),
    singleuser=closed(
        image=closed(name={"type": "string"}, tag={"type": "string"}),
        defaultUrl=TEXT,
        cpu=closed(limit=NUMBER, guarantee=NUMBER),
        memory=closed(limit=BYTES, guarantee=BYTES),
        cloudMetadata={
            **closed(blockWithIptables={"type": "boolean"}, ip={"type": "string"}),
            "required": ["blockWithIptables", "ip"],
        },
    ),
    cull={**closed(enabled={"type": "boolean"}, timeout=NUMBER, every=NUMBER), "required": ["enabled"]},
)


def values() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    found: dict[str, Any] = yaml.safe_load((EXAMPLES / "values.yaml").read_text("utf-8"))
    return found


def test_the_values_are_such_as_the_chart_takes() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    jsonschema.validate(values(), SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"singleuser": {"memory": {"most": "1G"}}}, SCHEMA)


def test_lti_has_what_its_authenticator_needs() -> None:
    """Getting Started of ltiauthenticator: issuer, client_id, authorize_url, jwks_endpoint."""
    config = values()["hub"]["config"]
    assert config["JupyterHub"]["authenticator_class"] == "ltiauthenticator.lti13.auth.LTI13Authenticator"
    needed = {"issuer", "client_id", "authorize_url", "jwks_endpoint", "username_key"}
    assert set(config["LTI13Authenticator"]) == needed


def test_the_configuration_keeps_learners_apart() -> None:
    """On loopback, servers as the learners themselves, and a list of who may sign in."""
    tree = ast.parse((EXAMPLES / "jupyterhub_config.py").read_text("utf-8"))
    told = {
        ast.unparse(target): ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Call)
        for target in node.targets
    }
    assert told["c.JupyterHub.bind_url"].startswith("http://127.0.0.1:")
    assert told["c.ConfigurableHTTPProxy.api_url"].startswith("http://127.0.0.1:")
    assert told["c.JupyterHub.spawner_class"] == "jupyterhub.spawner.LocalProcessSpawner"
    assert told["c.JupyterHub.authenticator_class"] == "pam"
    assert told["c.Authenticator.allowed_users"] == {"alice", "bob"}
    assert "c.Authenticator.allow_all" not in told
