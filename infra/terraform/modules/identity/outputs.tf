output "emails" {
  description = "Each component's service account, by component."
  value       = { for name, account in google_service_account.component : name => account.email }
}

output "members" {
  description = "The same accounts as IAM members."
  value       = { for name, account in google_service_account.component : name => account.member }
}

output "build_account" {
  description = "Full name of the account that builds the functions."
  value       = google_service_account.component["build"].name
}

output "enqueuers" {
  description = "Components that put tasks on the queue, as IAM members."
  value       = { for name in local.enqueuers : name => google_service_account.component[name].member }
}

output "step_enqueuers" {
  description = "Components that put tasks on the queue of light steps, as IAM members."
  value       = { for name in local.step_enqueuers : name => google_service_account.component[name].member }
}

output "delivery_enqueuers" {
  description = "Components that put tasks on the queue of webhooks and e-mail, as IAM members."
  value       = { for name in local.delivery_enqueuers : name => google_service_account.component[name].member }
}

output "secret_environment" {
  description = "For each component the environment variables that are secrets, with id and version of each."
  value = {
    for component in keys(local.accounts) : component => {
      for name, wanted in var.secrets :
      wanted.environment => { secret = google_secret_manager_secret.setting[name].secret_id, version = wanted.version }
      # Nothing starts that is given a secret without a version, "latest" included: a new one has none.
      if contains(wanted.readers, component) && wanted.version != null
    }
  }
}
