"""Keys are found where the vendor's tools keep them, in that order; what is wrong is said, and no secret with it."""

import json
from pathlib import Path
from typing import Any

import pytest

from drilllib.clients.credentials import (
    Credentials,
    NoCredentialsError,
    find_credentials,
    from_environment,
    from_file,
    from_tccli,
    region_of,
)
from drilllib.clients.endpoints import Endpoint, endpoint_of
from drilllib.clients.roles import StsError, assumed, from_machine, from_pod_identity, role_sources
from drilllib.core.capture.regions import region_of_node
from drilllib.errors import InvalidInputError, Message
from drilllib.views.phrases.catalog import error_text
from tests.clients.stubs import PLANTED, SECRET_ID, SECRET_KEY, TOKEN, Stub, place

VARIABLES = {"TENCENTCLOUD_SECRET_ID": SECRET_ID, "TENCENTCLOUD_SECRET_KEY": SECRET_KEY}


def sdk_file(home: Path, text: str) -> Path:
    (home / ".tencentcloud").mkdir(exist_ok=True)
    (home / ".tencentcloud" / "credentials").write_text(text)
    return home


def profile(home: Path, name: str = "default", **fields: Any) -> Path:
    (home / ".tccli").mkdir(exist_ok=True)
    (home / ".tccli" / f"{name}.credential").write_text(json.dumps(fields))
    return home


def nobody(*_: object) -> Any:
    raise StsError("AccessDenied")


@pytest.mark.parametrize("token", ["TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"])
def test_a_token_goes_by_the_name_of_tccli_or_of_terraform(tmp_path: Path, token: str) -> None:
    found = from_environment(place(tmp_path, **VARIABLES, **{token: TOKEN}))

    assert isinstance(found, Credentials)
    assert found.secrets == PLANTED


def test_secrets_are_in_no_repr(tmp_path: Path) -> None:
    """A dataclass shows its fields in every traceback and every log."""
    where = place(tmp_path, **VARIABLES)
    shown = repr(from_environment(where)) + repr(where) + str(Credentials(*PLANTED, source="x"))

    assert not [each for each in PLANTED if each in shown]


def test_the_sdks_file(tmp_path: Path) -> None:
    found = from_file(place(sdk_file(tmp_path, f'[default]\nsecret_id = "{SECRET_ID}"\nsecret_key={SECRET_KEY}\n')))

    assert isinstance(found, Credentials)
    assert found.secrets == (SECRET_ID, SECRET_KEY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"secret_id={SECRET_ID}\n", "cannot be read"),
        (f"[prod]\nsecret_id={SECRET_ID}\n", "no section"),
        (f"[default]\nsecret_id={SECRET_ID}\n", "no secret_key"),
        (f"[default]\nsecret_id={SECRET_ID}\nsecret_id={SECRET_KEY}\n", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_without_its_lines(tmp_path: Path, text: str, said: str) -> None:
    """Configparser quotes the line that it does not like."""
    found = from_file(place(sdk_file(tmp_path, text)))

    assert isinstance(found, Message)
    assert said in str(found)
    assert not [each for each in PLANTED if each in str(found)]


def test_a_login_of_tccli_is_taken_while_it_is_valid_and_never_renewed(tmp_path: Path) -> None:
    kept = {"secretId": SECRET_ID, "secretKey": SECRET_KEY, "token": TOKEN, "type": "oauth"}
    home = profile(tmp_path, **kept, oauth={"expiresAt": 1000, "refreshToken": "r"})
    before = (home / ".tccli" / "default.credential").read_bytes()

    found, late = from_tccli(place(home, now=999)), from_tccli(place(home, now=1001))
    assert isinstance(found, Credentials)
    assert found.token == TOKEN
    assert "tccli auth login" in str(late)
    assert (home / ".tccli" / "default.credential").read_bytes() == before


def test_the_environment_comes_before_files_and_a_named_profile_before_all(tmp_path: Path) -> None:
    sdk_file(tmp_path, "[default]\nsecret_id=file\nsecret_key=k\n")
    profile(tmp_path, "prod", secretId="profile", secretKey="k")

    assert find_credentials(place(tmp_path, **VARIABLES), {}).secret_id == SECRET_ID
    assert find_credentials(place(tmp_path), {}).secret_id == "file"
    assert find_credentials(place(tmp_path, profile="prod", **VARIABLES), {}).secret_id == "profile"
    assert find_credentials(place(tmp_path, TCCLI_PROFILE="prod", **VARIABLES), {}).secret_id == "profile"
    with pytest.raises(InvalidInputError, match="profile 'test' has no keys"):
        find_credentials(place(tmp_path, profile="test", **VARIABLES), {})


def test_without_keys_the_error_names_every_place_that_was_looked_at(tmp_path: Path) -> None:
    with pytest.raises(NoCredentialsError) as caught:
        find_credentials(place(tmp_path), role_sources(nobody))

    said = str(caught.value)
    for each in ("TENCENTCLOUD_SECRET_ID", ".tencentcloud/credentials", ".tccli/default.credential", "TKE_REGION"):
        assert each in said
    assert "CVM role (not asked)" in said
    chinese = error_text(caught.value, "zh")
    assert "CVM 角色（未询问）" in chinese
    assert "环境变量（未设置 TENCENTCLOUD_SECRET_ID、TENCENTCLOUD_SECRET_KEY）" in chinese
    assert "not set" not in chinese


def test_the_role_of_a_machine(tmp_path: Path) -> None:
    keys = {"Code": "Success", "TmpSecretId": SECRET_ID, "TmpSecretKey": SECRET_KEY, "Token": TOKEN, "ExpiredTime": 9}
    with Stub(lambda path, _: (200, "text/plain", b"reader" if path == "/" else json.dumps(keys).encode())) as stub:
        url = f"http://{stub.address}/"
        found, late = from_machine(place(tmp_path, metadata=url)), from_machine(place(tmp_path, metadata=url, now=10))

    assert isinstance(found, Credentials)
    assert (found.secrets, [path for path, _ in stub.heard][:2]) == (PLANTED, ["/", "/reader"])
    assert str(late) == "the role has no keys"


def test_a_machine_without_metadata_is_not_waited_for(tmp_path: Path) -> None:
    assert str(from_machine(place(tmp_path, metadata="http://127.0.0.1:9/"))) == "no answer from the metadata"


def test_a_pod_asks_for_its_own_identity_unsigned(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("web-identity")
    asked: list[Any] = []

    def sts(*call: Any) -> Any:
        asked.append(call)
        return {"Credentials": {"TmpSecretId": SECRET_ID, "TmpSecretKey": SECRET_KEY, "Token": TOKEN}}

    variables = {"TKE_REGION": "ap-beijing", "TKE_PROVIDER_ID": "p", "TKE_ROLE_ARN": "qcs::cam::uin/1:roleName/r"}
    found = from_pod_identity(place(tmp_path, **variables, TKE_WEB_IDENTITY_TOKEN_FILE=str(tmp_path / "token")), sts)

    assert isinstance(found, Credentials)
    action, parameters, region, keys = asked[0]
    assert (found.secrets, action, region, keys) == (PLANTED, "AssumeRoleWithWebIdentity", "ap-beijing", None)
    assert parameters["WebIdentityToken"] == "web-identity"


def test_another_role_is_taken_where_it_was_asked_for(tmp_path: Path) -> None:
    own = Credentials("id", "key", source="environment")
    role = {"TENCENTCLOUD_ASSUME_ROLE_ARN": "qcs::cam::uin/1:roleName/r"}
    answer = {"Credentials": {"TmpSecretId": SECRET_ID, "TmpSecretKey": SECRET_KEY, "Token": TOKEN}}

    assert assumed(own, place(tmp_path), nobody) is own
    assert assumed(own, place(tmp_path, **role), lambda *_: answer).secrets == PLANTED
    with pytest.raises(InvalidInputError, match="cannot be taken: AccessDenied"):
        assumed(own, place(tmp_path, **role), nobody)


def test_a_profile_may_name_the_role(tmp_path: Path) -> None:
    home = profile(tmp_path, secretId="id", secretKey="key", **{"role-arn": "qcs::cam::uin/1:roleName/r"})
    own = find_credentials(place(home), {})
    asked: list[Any] = []

    with pytest.raises(InvalidInputError):
        assumed(own, place(home), lambda *call: asked.append(call) or nobody())

    assert asked[0][1]["RoleArn"].endswith("roleName/r")


def test_the_region_is_the_one_that_the_tools_would_take(tmp_path: Path) -> None:
    profile(tmp_path, secretId="id", secretKey="key")
    (tmp_path / ".tccli" / "default.configure").write_text('{"_sys_param": {"region": "ap-beijing"}}')

    assert region_of(place(tmp_path)) == "ap-beijing"
    assert region_of(place(tmp_path, TENCENTCLOUD_REGION="ap-nanjing")) == "ap-nanjing"


def test_endpoints() -> None:
    assert endpoint_of({}).host("clb") == "clb.tencentcloudapi.com"
    assert (
        endpoint_of({"TENCENTCLOUD_DOMAIN": "intl.tencentcloudapi.com"}).host("vpc") == "vpc.intl.tencentcloudapi.com"
    )
    here = endpoint_of({"TENCENTCLOUD_ENDPOINT": "http://127.0.0.1:8080"})
    assert (here.host("vpc"), here.scheme, here.is_here) == ("127.0.0.1:8080", "http", True)
    assert endpoint_of({"TENCENTCLOUD_ENDPOINT": "https://gate.example"}) == Endpoint(address="gate.example")


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1", "http://user:pw@127.0.0.1", "ftp://127.0.0.1", "http://[", "https://a/b"]
)
def test_an_endpoint_that_would_leak_keys_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="TENCENTCLOUD_ENDPOINT") as caught:
        endpoint_of({"TENCENTCLOUD_ENDPOINT": url})

    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "region"),
    [
        ({"topology.kubernetes.io/region": "gz"}, "ap-guangzhou"),
        ({"topology.com.tencent.cloud.csi.cbs/zone": "ap-shanghai-fsi-3"}, "ap-shanghai-fsi"),
        ({"failure-domain.beta.kubernetes.io/region": "ap-beijing"}, "ap-beijing"),
        ({"topology.kubernetes.io/region": "100003"}, ""),
        ({}, ""),
    ],
)
def test_a_nodes_labels_tell_the_region(labels: dict[str, str], region: str) -> None:
    assert region_of_node(labels) == region
