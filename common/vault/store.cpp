#include "common/vault/store.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/vault/private_file.hpp"

namespace bullpen::vault {

namespace {

constexpr std::string_view k_suffix = ".sealed";

}  // namespace

Result<std::optional<SealedFile>> load_sealed(const Home& home, const AccountId& account) {
    const auto path = home.account(account).secrets;
    const auto text = read_private(path, k_sealed_file_max, Keeper::user);
    if (!text && text.error().code() == Errc::not_found)
        return std::optional<SealedFile>();
    if (!text)
        return fail(text.error());
    auto file = parse_sealed(text->reveal());
    if (!file)
        return fail(file.error().wrap(path));
    return std::optional<SealedFile>(std::move(*file));
}

Result<std::vector<AccountId>> sealed_accounts(const Home& home, storage::FileSystem& files) {
    BULLPEN_TRY(const auto names, files.list(home.secrets()));
    std::vector<AccountId> accounts;
    for (std::string_view name : names) {
        if (!name.ends_with(k_suffix))
            continue;
        name.remove_suffix(k_suffix.size());
        if (auto account = AccountId::parse(name))
            accounts.push_back(std::move(*account));
    }
    return accounts;
}

Result<StoreLock> StoreLock::take(const Home& home) {
    BULLPEN_CHECK(make_directories(home.secrets(), 0700));
    const auto path = home.secrets() + "/.lock";
    BULLPEN_TRY(Descriptor file, open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0)
        return StoreLock(std::move(file));
    if (errno != EWOULDBLOCK)
        return fail_errno("cannot lock " + path);
    return fail(Errc::locked, "another command changes credentials of this home; try again");
}

Result<void> Store::save(const SealedFile& file) {
    return storage::replace_file(files_, home_.account(file.account).secrets, format(file),
                                 {.mode = 0600, .keep_previous = true});
}

Result<void> Store::remove(const AccountId& account) {
    const auto path = home_.account(account).secrets;
    // The older one first: what is left behind by a crash is never an old key without the new.
    BULLPEN_CHECK(remove_previous(account));
    if (auto removed = files_.remove(path); !removed && !storage::is_missing(removed.error()))
        return removed;
    return files_.sync_directory(home_.secrets());
}

Result<void> Store::remove_previous(const AccountId& account) {
    auto removed = files_.remove(storage::previous_of(home_.account(account).secrets));
    if (!removed && !storage::is_missing(removed.error()))
        return removed;
    return files_.sync_directory(home_.secrets());
}

}  // namespace bullpen::vault
