# The checks of this folder were made against this provider version; a newer one may have changed its arguments.
terraform {
  required_version = ">= 1.10" # the provider asks for it

  required_providers {
    tencentcloud = {
      source  = "tencentcloudstack/tencentcloud"
      version = "1.83.25"
    }
  }
}

# Credentials come from TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, never from a file of this folder.
provider "tencentcloud" {
  region = var.region
}
