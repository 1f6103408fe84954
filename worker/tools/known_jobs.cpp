#include "worker/tools/known_jobs.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/journal.hpp"
#include "common/storage/state_store.hpp"
#include "worker/engine.hpp"

namespace bullpen::tools {

namespace {

// The record of the journal that the state file stands for; 0: there is no state file.
Result<std::uint64_t> read_saved(storage::FileSystem& files, const std::string& path,
                                 const AccountId& account, jobs::JobBook& book) {
    const auto state = storage::peek_state(files, path);
    if (!state && storage::is_missing(state.error()))
        return 0;
    if (!state)
        return fail(state.error());
    if (state->account != account.str())
        return fail(Errc::wrong_account, path + " is of account '" + state->account + "'");
    const auto data = documents::parse_json(state->record.data);
    if (data.is_object() && data.contains("jobs"))
        BULLPEN_CHECK(book.restore(documents::json_text(data["jobs"])));
    return state->record.journal_sequence;
}

}  // namespace

Result<jobs::JobBook> known_jobs(storage::FileSystem& files, const AccountPaths& paths,
                                 const AccountId& account) {
    jobs::JobBook book;
    BULLPEN_TRY(const auto saved, read_saved(files, paths.state_file, account, book));
    const auto looked = storage::Journal::look(
        files, paths.journal, account, [&](const storage::JournalRecord& record) -> Result<void> {
            const bool is_job =
                static_cast<worker::JournalKind>(record.kind) == worker::JournalKind::job;
            return is_job && record.sequence > saved ? book.replay(record.body) : Result<void>();
        });
    if (!looked && looked.error().code() != make_error_code(Errc::not_found))
        return fail(looked.error());
    return book;
}

}  // namespace bullpen::tools
