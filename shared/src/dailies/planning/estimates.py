"""From estimates to money."""

from __future__ import annotations

from dailies.planning.operation import Estimate

# Cloud Run jobs, instance-based billing, tier 1 regions, November 2026: USD per vCPU-second and GiB-second.
VCPU_SECOND_USD = 0.000018
GIB_SECOND_USD = 0.000002
# The worker's shape in infra/terraform: 2 GiB of memory for each vCPU.
GIB_PER_VCPU = 2.0


def cost_usd(cpu_seconds: float) -> float:
    """What ``cpu_seconds`` of one fully used vCPU cost on Cloud Run, in USD, free tier not counted."""
    return cpu_seconds * (VCPU_SECOND_USD + GIB_PER_VCPU * GIB_SECOND_USD)


def usd_of(estimate: Estimate) -> float:
    """What it costs in USD: on Cloud Run, and what others charge."""
    return cost_usd(estimate.cpu_seconds) + estimate.external_usd
