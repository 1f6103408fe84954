#include "ctl/home_copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/journal.hpp"
#include "common/storage/state_store.hpp"
#include "moving/digest.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_piece = std::size_t{1} << 20;  // bytes

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

}  // namespace

std::string_view word(CopyState state) {
    switch (state) {
        case CopyState::whole: return "whole";
        case CopyState::own: return "own";
        case CopyState::damaged: return "damaged";
    }
    return "";
}

Result<CopiedFile> copy_file(const std::string& from, const std::string& to) {
    const auto source = open_file(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!source)
        return storage::is_missing(source.error())
                   ? fail(source.error())
                   : fail(Errc::unavailable, source.error().message());
    struct stat status {};
    if (::fstat(source->get(), &status) != 0 || !S_ISREG(status.st_mode))
        return fail(Errc::invalid, from + " is no regular file");
    BULLPEN_TRY(const auto target, open_file(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    moving::Sha256 digest;
    CopiedFile copied;
    std::string piece(k_piece, '\0');
    // What a file grows by meanwhile is of the next backup.
    auto left = static_cast<std::uint64_t>(status.st_size);
    while (left > 0) {
        const auto got =
            ::read(source->get(), piece.data(), std::min<std::uint64_t>(left, k_piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(Errc::unavailable, Error::from_errno("reading " + from).message());
        if (got == 0)
            break;
        const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
        if (const auto written = write_all(target.get(), bytes); !written)
            return fail(written.error().wrap(to));
        digest.add(bytes);
        copied.bytes += bytes.size();
        left -= bytes.size();
    }
    if (::fchmod(target.get(), status.st_mode & 0777) != 0 || ::fsync(target.get()) != 0)
        return fail_errno("cannot finish " + to);
    copied.sha256 = digest.digits();
    return copied;
}

Result<CopiedAccount> look_through(const std::string& root, const AccountId& id) {
    storage::SystemFileSystem files;
    const auto directory = root + "/accounts/" + id.str();
    const auto state_file = directory + "/state.json";
    CopiedAccount account{id.str(), 0, 0};
    if (exists(state_file)) {
        const auto state = storage::peek_state(files, state_file);
        if (!state)
            return fail(state.error().wrap("the copy of the state of " + id.str()));
        if (state->account != id.str())
            return fail(Errc::wrong_account,
                        "the state of " + id.str() + " belongs to " + state->account);
        account.state_sequence = state->record.journal_sequence;
    }
    std::uint64_t first = 0;
    const auto note = [&](const storage::JournalRecord& record) -> Result<void> {
        first = first == 0 ? record.sequence : first;
        account.last_sequence = record.sequence;
        return {};
    };
    const auto seen = storage::Journal::look(files, directory + "/journal", id, note);
    if (!seen && seen.error().code() != Errc::not_found)
        return fail(seen.error().wrap("the copy of the journal of " + id.str()));
    const bool gap = first > account.state_sequence + 1;
    if (gap || account.last_sequence < account.state_sequence)
        return fail(Errc::corrupt,
                    "the copies of state and journal of " + id.str() + " do not fit together");
    return account;
}

Result<std::vector<AccountId>> accounts_in(const std::string& root) {
    storage::SystemFileSystem files;
    std::vector<AccountId> accounts;
    const auto names = files.list(root + "/accounts");
    if (!names)
        return storage::is_missing(names.error()) ? Result<std::vector<AccountId>>({})
                                                  : fail(names.error());
    for (const auto& name : *names) {
        if (auto id = AccountId::parse(name))
            accounts.push_back(std::move(*id));
    }
    return accounts;
}

}  // namespace bullpen::ctl
