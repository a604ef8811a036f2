# JupyterHub for a class on one Linux machine. docs/jupyterhub.md says what has to be there before, and what was tried.
# Learners are users of the machine, each with a home that nobody else may read; the system's passwords let them in.
c = get_config()  # noqa: F821  JupyterHub puts it there

c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a web server with TLS stands before it
c.JupyterHub.hub_port = 8081
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:8001"

c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = {"alice", "bob"}  # the ids of the roster
c.PAMAuthenticator.open_sessions = False

c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"  # each server runs as its learner
c.Spawner.default_url = "/lab"
c.Spawner.notebook_dir = "~"
c.Spawner.http_timeout = c.Spawner.start_timeout = 120

# Servers that nobody has used for an hour are ended; attempts are files, and stay.
c.JupyterHub.services = [
    {"name": "cull", "command": ["python3", "-m", "jupyterhub_idle_culler", "--timeout=3600", "--cull-every=300"]}
]
c.JupyterHub.load_roles = [
    {
        "name": "cull",
        "services": ["cull"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
