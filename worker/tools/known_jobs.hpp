// What an account's records say of its jobs, read without owning it: jobs.json beside them is a
// copy for people, and may be older or gone.
#pragma once

#include "common/base/home.hpp"
#include "common/storage/file_system.hpp"
#include "worker/jobs/job_book.hpp"

namespace bullpen::tools {

// From the state file and the journal after it; nothing is known where there is neither. Errors of
// both.
Result<jobs::JobBook> known_jobs(storage::FileSystem& files, const AccountPaths& paths,
                                 const AccountId& account);

}  // namespace bullpen::tools
