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

// Copies what there is of a file, and leaves out its holes: where nothing is written of it, which
// reads as zeros and takes no room.
class Piecewise {
  public:
    Piecewise(const std::string& from, int source, const std::string& to, int target)
        : from_(from), source_(source), to_(to), target_(target), piece_(k_piece, '\0') {}

    Result<void> run(std::uint64_t size) {
        while (copied_.bytes < size) {
            // It may be cut meanwhile.
            const auto end = std::min(size, size_now());
            const auto data = next(SEEK_DATA, end);
            if (data > copied_.bytes)
                zeros(data - copied_.bytes);
            if (data >= end)
                break;
            const auto hole = std::min(next(SEEK_HOLE, end), end);
            BULLPEN_TRY(const bool whole, written(hole));
            if (!whole || hole <= data)
                break;
        }
        return {};
    }
    CopiedFile take() {
        copied_.sha256 = digest_.digits();
        return std::move(copied_);
    }

  private:
    [[nodiscard]] std::uint64_t size_now() const {
        struct stat status {};
        return ::fstat(source_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
    }

    // Where data, or a hole, begins next. A file system that does not know of holes has none.
    [[nodiscard]] std::uint64_t next(int what, std::uint64_t end) const {
        const auto at = ::lseek(source_, static_cast<off_t>(copied_.bytes), what);
        if (at >= 0)
            return std::min(static_cast<std::uint64_t>(at), end);
        // Nothing but a hole to its end is ENXIO.
        return what == SEEK_DATA && errno != ENXIO ? copied_.bytes : end;
    }

    void zeros(std::uint64_t count) {
        std::fill(piece_.begin(), piece_.end(), '\0');
        for (auto left = count; left > 0; left -= std::min<std::uint64_t>(left, k_piece))
            digest_.add(std::string_view(piece_).substr(0, std::min<std::uint64_t>(left, k_piece)));
        copied_.bytes += count;
    }

    // False once the file ends before that.
    Result<bool> written(std::uint64_t end) {
        if (::lseek(target_, static_cast<off_t>(copied_.bytes), SEEK_SET) < 0)
            return fail_errno("writing " + to_);
        while (copied_.bytes < end) {
            const auto got = ::pread(source_, piece_.data(),
                                     std::min<std::uint64_t>(end - copied_.bytes, k_piece),
                                     static_cast<off_t>(copied_.bytes));
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return fail(Errc::unavailable, Error::from_errno("reading " + from_).message());
            if (got == 0)
                return false;
            const std::string_view bytes(piece_.data(), static_cast<std::size_t>(got));
            if (const auto done = write_all(target_, bytes); !done)
                return fail(done.error().wrap(to_));
            digest_.add(bytes);
            copied_.bytes += bytes.size();
        }
        return true;
    }

    const std::string& from_;
    int source_;
    const std::string& to_;
    int target_;
    std::string piece_;
    moving::Sha256 digest_;
    CopiedFile copied_;
};

}  // namespace

std::string_view word(CopyState state) {
    switch (state) {
        case CopyState::whole: return "whole";
        case CopyState::own: return "own";
        case CopyState::damaged: return "damaged";
    }
    return "";
}

Result<CopiedFile> copy_file(const std::string& from, const std::string& to,
                             std::uint64_t bytes_max) {
    const auto source = open_file(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!source)
        return storage::is_missing(source.error())
                   ? fail(source.error())
                   : fail(Errc::unavailable, source.error().message());
    struct stat status {};
    if (::fstat(source->get(), &status) != 0 || !S_ISREG(status.st_mode))
        return fail(Errc::invalid, from + " is no regular file");
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > bytes_max)
        return fail(Errc::too_large, "it has " + std::to_string(size) + " bytes, and " +
                                         std::to_string(bytes_max) +
                                         " are left of what an account may have in a backup");
    BULLPEN_TRY(const auto target, open_file(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    // What a file grows by meanwhile is of the next backup.
    Piecewise copying(from, source->get(), to, target.get());
    BULLPEN_CHECK(copying.run(size));
    auto copied = copying.take();
    if (::ftruncate(target.get(), static_cast<off_t>(copied.bytes)) != 0)
        return fail_errno("cannot finish " + to);
    if (::fchmod(target.get(), status.st_mode & 0777) != 0 || ::fsync(target.get()) != 0)
        return fail_errno("cannot finish " + to);
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
