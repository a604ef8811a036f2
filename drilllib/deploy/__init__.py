"""From Terraform's outputs to manifests. Begin with manifests.py; folders.py writes generated files, all or none."""
