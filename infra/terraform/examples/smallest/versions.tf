terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.34"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region

  # Rules are asked for in the name of a project.
  billing_project       = var.project
  user_project_override = true

  default_labels = {
    application = "dailies"
    environment = "smallest"
  }
}
