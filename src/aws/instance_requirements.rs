//! What EC2 may choose instance types by, as launch templates and autoscaling groups both have it: two SDK crates with a type each,
//! alike to the letter.

/// A range as a block of at most one.
macro_rules! range {
    ($range:expr) => {
        $crate::aws::value::block($range.map(|r| serde_json::json!({ "min": r.min(), "max": r.max() })))
    };
}

/// `instance_requirements` of the provider, from either type.
macro_rules! instance_requirements {
    ($q:expr) => {{
        let q = $q;
        use $crate::aws::value::set;
        serde_json::json!({
            "accelerator_count": $crate::aws::instance_requirements::range!(q.accelerator_count()),
            "accelerator_manufacturers": set(q.accelerator_manufacturers().iter().map(|v| v.as_str())),
            "accelerator_names": set(q.accelerator_names().iter().map(|v| v.as_str())),
            "accelerator_total_memory_mib": $crate::aws::instance_requirements::range!(q.accelerator_total_memory_mib()),
            "accelerator_types": set(q.accelerator_types().iter().map(|v| v.as_str())),
            "allowed_instance_types": set(q.allowed_instance_types()),
            "bare_metal": q.bare_metal().map(|v| v.as_str()),
            "baseline_ebs_bandwidth_mbps": $crate::aws::instance_requirements::range!(q.baseline_ebs_bandwidth_mbps()),
            "burstable_performance": q.burstable_performance().map(|v| v.as_str()),
            "cpu_manufacturers": set(q.cpu_manufacturers().iter().map(|v| v.as_str())),
            "excluded_instance_types": set(q.excluded_instance_types()),
            "instance_generations": set(q.instance_generations().iter().map(|v| v.as_str())),
            "local_storage": q.local_storage().map(|v| v.as_str()),
            "local_storage_types": set(q.local_storage_types().iter().map(|v| v.as_str())),
            "max_spot_price_as_percentage_of_optimal_on_demand_price": q.max_spot_price_as_percentage_of_optimal_on_demand_price(),
            "memory_gib_per_vcpu": $crate::aws::instance_requirements::range!(q.memory_gib_per_v_cpu()),
            "memory_mib": $crate::aws::instance_requirements::range!(q.memory_mib()),
            "network_bandwidth_gbps": $crate::aws::instance_requirements::range!(q.network_bandwidth_gbps()),
            "network_interface_count": $crate::aws::instance_requirements::range!(q.network_interface_count()),
            "on_demand_max_price_percentage_over_lowest_price": q.on_demand_max_price_percentage_over_lowest_price(),
            "require_hibernate_support": q.require_hibernate_support(),
            "spot_max_price_percentage_over_lowest_price": q.spot_max_price_percentage_over_lowest_price(),
            "total_local_storage_gb": $crate::aws::instance_requirements::range!(q.total_local_storage_gb()),
            "vcpu_count": $crate::aws::instance_requirements::range!(q.v_cpu_count()),
        })
    }};
}

pub(super) use {instance_requirements, range};
