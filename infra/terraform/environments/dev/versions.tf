terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.34"
    }
  }

  # The bucket is named at init: -backend-config=bucket=…
  backend "gcs" {
    prefix = "dailies/dev"
  }
}

provider "google" {
  project = var.project
  region  = var.region

  # Budgets and rules are asked for in the name of a project.
  billing_project       = var.project
  user_project_override = true

  default_labels = {
    application = "dailies"
    environment = "dev"
  }
}
