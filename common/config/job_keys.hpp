// The keys of [jobs] in an account's file; inside this library only.
#pragma once

#include <string>
#include <vector>

#include "common/config/schema.hpp"

namespace bullpen::config {

void add_job_keys(std::vector<Key<AccountSettings>>& all);

// Why a job cannot come after the one that its schedule names; empty when it can, or names none.
std::string chain_trouble(const AccountSettings& settings, JobKind kind);

// Why the job that it comes after never is done; empty as above.
std::string chain_end_trouble(const AccountSettings& settings, JobKind kind);

}  // namespace bullpen::config
