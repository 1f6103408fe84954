#include "common/vault/store.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <charconv>
#include <filesystem>

#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/vault/private_file.hpp"

namespace bullpen::vault {

namespace {

constexpr std::string_view k_suffix = ".sealed";
constexpr std::size_t k_number_max = 32;  // bytes of a file with a number

std::string numbers(const Home& home) {
    return home.run() + "/sealed";
}

std::string number_path(const Home& home, const AccountId& account) {
    return numbers(home) + "/" + account.str();
}

// 0 where none was written, or none can be read.
std::uint64_t last_written(const Home& home, const AccountId& account) {
    const auto text = read_file(number_path(home, account), k_number_max);
    std::uint64_t number = 0;
    if (text)
        std::from_chars(text->data(), text->data() + text->size(), number);
    return number;
}

Result<void> note_written(const Home& home, storage::FileSystem& files, const SealedFile& file) {
    BULLPEN_CHECK(make_directories(numbers(home), 0700));
    return storage::replace_file(files, number_path(home, file.account),
                                 std::to_string(file.generation) + "\n", {.mode = 0600});
}

}  // namespace

namespace {

Result<std::optional<SealedFile>> load_at(const std::string& path) {
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

}  // namespace

Result<std::optional<SealedFile>> load_sealed(const Home& home, const AccountId& account) {
    return load_at(home.account(account).secrets);
}

Result<std::optional<SealedFile>> load_previous(const Home& home, const AccountId& account) {
    return load_at(storage::previous_of(home.account(account).secrets));
}

Result<std::optional<SealedFile>> load_newest(const Home& home, const AccountId& account) {
    auto file = load_sealed(home, account);
    if (!file || !*file)
        return file;
    const auto last = last_written(home, account);
    if ((*file)->generation >= last)
        return file;
    return fail(Errc::refused,
                home.account(account).secrets + " is older than what was last written (change " +
                    std::to_string((*file)->generation) + ", not " + std::to_string(last) +
                    "): put the newer one back, or set a field anew");
}

Result<void> forget_newest(const Home& home) {
    std::error_code error;
    std::filesystem::remove_all(numbers(home), error);
    if (error)
        return fail(Error(error, "cannot remove " + numbers(home)));
    return {};
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
    BULLPEN_CHECK(storage::replace_file(files_, home_.account(file.account).secrets, format(file),
                                        {.mode = 0600, .keep_previous = true}));
    return note_written(home_, files_, file);
}

Result<void> Store::remove(const AccountId& account) {
    const auto path = home_.account(account).secrets;
    // The older one first: what is left behind by a crash is never an old key without the new.
    BULLPEN_CHECK(remove_previous(account));
    if (auto removed = files_.remove(path); !removed && !storage::is_missing(removed.error()))
        return removed;
    if (auto removed = files_.remove(number_path(home_, account));
        !removed && !storage::is_missing(removed.error()))
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
