// A look at the account and nothing else: what came of it is in the account's ledger.
#pragma once

#include <memory>

#include "worker/jobs/job.hpp"
#include "worker/jobs/roles.hpp"

namespace bullpen::jobs {

// `role.shares` is not null.
std::unique_ptr<Job> make_look(const StateRole& role);

}  // namespace bullpen::jobs
