#include "ipc/status_board.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <utility>

#include "common/base/assert.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "ipc/identity.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::array<char, 8> k_magic = {'B', 'U', 'L', 'L', 'B', 'R', 'D', '\n'};
constexpr mode_t k_board_mode = 0600;
constexpr std::size_t k_slots_min = 16;
constexpr std::size_t k_record_size_max = std::size_t{64} * 1024;
// A slot that is being written is looked at again; one write takes less than a microsecond unless
// the writer lost its processor in the middle.
constexpr int k_read_tries_max = 40;
constexpr long k_read_pause_ns = 100'000;

// The file: this header, then one count for each record, then the records: the daemon's, then the
// slots. The counts stand apart so that one read before the records and one after suffice.
struct FileHeader {
    std::array<char, 8> magic = k_magic;
    std::uint32_t version = k_board_version;
    std::uint32_t header_size = sizeof(FileHeader);
    std::uint32_t daemon_size = sizeof(BoardDaemon);
    std::uint32_t slot_size = sizeof(BoardSlot);
    std::uint64_t slot_count = 0;
    std::uint64_t generation = 0;
    std::array<std::uint64_t, 3> reserved{};

    [[nodiscard]] std::size_t counts_size() const { return (slot_count + 1) * sizeof(uint64_t); }
    [[nodiscard]] std::size_t records_offset() const { return header_size + counts_size(); }
    [[nodiscard]] std::size_t slot_offset(std::size_t slot) const {
        return records_offset() + daemon_size + slot * slot_size;
    }
    [[nodiscard]] std::size_t file_size() const { return slot_offset(slot_count); }
};
static_assert(sizeof(FileHeader) == 64);

std::uint64_t* words_at(void* mapping, std::size_t offset) {
    return reinterpret_cast<std::uint64_t*>(static_cast<char*>(mapping) + offset);
}

// A sequence lock's writing side. The count is odd while the record is changing. The words are
// stored with release order, so that none is seen before the odd count, and no fence is needed.
template <class Record>
void write_record(std::uint64_t* count, std::uint64_t* place, const Record& record) {
    std::array<std::uint64_t, sizeof(Record) / sizeof(std::uint64_t)> words;
    std::memcpy(words.data(), &record, sizeof record);
    const std::atomic_ref<std::uint64_t> sequence(*count);
    const std::uint64_t even = sequence.load(std::memory_order_relaxed) & ~std::uint64_t{1};
    sequence.store(even + 1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < words.size(); ++i)
        std::atomic_ref<std::uint64_t>(place[i]).store(words[i], std::memory_order_release);
    sequence.store(even + 2, std::memory_order_release);
}

Result<void> read_at(int fd, void* out, std::size_t size, std::size_t offset,
                     const std::string& path) {
    auto* bytes = static_cast<char*>(out);
    while (size > 0) {
        const auto got = ::pread(fd, bytes, size, static_cast<off_t>(offset));
        if (got < 0) {
            if (errno == EINTR)
                continue;
            return fail_errno("cannot read " + path);
        }
        if (got == 0)
            return fail(Errc::corrupt, path + " is cut short");
        bytes += got;
        size -= static_cast<std::size_t>(got);
        offset += static_cast<std::size_t>(got);
    }
    return {};
}

Result<FileHeader> read_header(int fd, const std::string& path) {
    FileHeader header;
    BULLPEN_CHECK(read_at(fd, &header, sizeof header, 0, path));
    if (header.magic != k_magic)
        return fail(Errc::corrupt, path + " is not a status board");
    if (header.version > k_board_version) {
        return fail(Errc::newer_version,
                    path + " has layout version " + std::to_string(header.version) +
                        ", this program knows " + std::to_string(k_board_version));
    }
    if (header.version < k_board_version) {
        return fail(Errc::corrupt, path + " has layout version " + std::to_string(header.version) +
                                       " of an older program; the daemon writes it anew when it "
                                       "starts");
    }
    const auto sound = [](std::uint32_t size) {
        return size > 0 && size <= k_record_size_max && size % sizeof(std::uint64_t) == 0;
    };
    if (header.header_size < sizeof header || !sound(header.header_size) ||
        !sound(header.daemon_size) || !sound(header.slot_size) ||
        header.slot_count > k_board_slots_max)
        return fail(Errc::corrupt, "the header of " + path + " makes no sense");
    return header;
}

// Copies as much of a record as both sides know.
template <class Record>
void copy_record(Record* out, const char* bytes, std::size_t size) {
    std::memcpy(static_cast<void*>(out), bytes, std::min(size, sizeof(Record)));
}

bool words_known(const BoardSlot& slot) {
    return static_cast<std::size_t>(slot.state) < model::k_worker_states &&
           static_cast<std::size_t>(slot.session) < model::k_session_states &&
           static_cast<std::size_t>(slot.mode) < model::k_trading_modes;
}

// One pass over the file: the records whose counts were even and the same before and after.
class Pass {
  public:
    Pass(int fd, const FileHeader& header, const std::string& path)
        : fd_(fd), header_(header), path_(path), done_(header.slot_count + 1) {}

    // True when every record was copied well, now or in an earlier run. Goes through the file in
    // pieces: touching fresh memory for the whole of it would cost more than the copying.
    Result<bool> run(Board* board) {
        std::vector<char> records;
        bool all = true;
        for (std::size_t first = 0; first < done_.size(); first += k_batch) {
            const auto last = std::min(first + k_batch, done_.size());
            const auto from = place_of(first);
            records.resize(place_of(last) - from);
            BULLPEN_TRY(const Counts before, counts(first, last));
            BULLPEN_CHECK(read_at(fd_, records.data(), records.size(), from, path_));
            BULLPEN_TRY(const Counts after, counts(first, last));
            for (std::size_t i = first; i < last; ++i) {
                if (done_[i])
                    continue;
                done_[i] = before[i - first] == after[i - first] && before[i - first] % 2 == 0;
                all = all && done_[i];
                if (done_[i])
                    take(i, records.data() + (place_of(i) - from), board);
            }
        }
        return all;
    }

    [[nodiscard]] bool daemon_done() const { return done_.front(); }
    [[nodiscard]] std::size_t missing() const {
        return static_cast<std::size_t>(std::count(done_.begin(), done_.end(), false));
    }

  private:
    static constexpr std::size_t k_batch = 64;  // records
    using Counts = std::array<std::uint64_t, k_batch>;

    // Of the records from `first` to before `last`.
    Result<Counts> counts(std::size_t first, std::size_t last) {
        Counts out;
        BULLPEN_CHECK(read_at(fd_, out.data(), (last - first) * sizeof(std::uint64_t),
                              header_.header_size + first * sizeof(std::uint64_t), path_));
        return out;
    }

    // Where a record begins in the file; the daemon's is the first, the slots follow.
    [[nodiscard]] std::size_t place_of(std::size_t index) const {
        return index == 0 ? header_.records_offset() : header_.slot_offset(index - 1);
    }

    void take(std::size_t index, const char* bytes, Board* board) {
        if (index == 0)
            return copy_record(&board->daemon, bytes, header_.daemon_size);
        auto& slot = board->slots.emplace_back();
        copy_record(&slot, bytes, header_.slot_size);
        const bool empty = slot.account.empty();
        if (!empty && AccountId::valid(slot.account.view()) && words_known(slot))
            return;
        board->slots.pop_back();
        board->torn += empty ? 0 : 1;
    }

    int fd_;
    const FileHeader& header_;
    const std::string& path_;
    std::vector<bool> done_;
};

struct Mapping {
    void* address;
    std::size_t size;
};

// Makes `path` with its room on disk reserved: writing to a mapped page that the disk has no room
// for would kill the process.
Result<Mapping> make_file(const std::string& path, const FileHeader& header) {
    ::unlink(path.c_str());
    BULLPEN_TRY(const Descriptor file,
                open_file(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, k_board_mode));
    const std::size_t size = header.file_size();
    if (const int number = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size)); number != 0)
        return fail(Error::from_errno(number, "cannot reserve room for " + path));
    void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (address == MAP_FAILED)
        return fail_errno("cannot map " + path);
    std::memcpy(address, &header, sizeof header);
    return Mapping{address, size};
}

}  // namespace

BoardWriter::BoardWriter(BoardWriter&& other) noexcept {
    *this = std::move(other);
}

BoardWriter& BoardWriter::operator=(BoardWriter&& other) noexcept {
    if (this != &other) {
        unmap();
        path_ = std::move(other.path_);
        mapping_ = std::exchange(other.mapping_, nullptr);
        mapping_size_ = std::exchange(other.mapping_size_, 0);
        capacity_ = std::exchange(other.capacity_, 0);
        generation_ = other.generation_;
        daemon_ = other.daemon_;
        places_ = std::move(other.places_);
        free_ = std::move(other.free_);
    }
    return *this;
}

BoardWriter::~BoardWriter() {
    unmap();
}

void BoardWriter::unmap() noexcept {
    if (mapping_ != nullptr)
        ::munmap(mapping_, mapping_size_);
    mapping_ = nullptr;
}

Result<BoardWriter> BoardWriter::create(const std::string& path, const BoardDaemon& daemon,
                                        std::size_t slots) {
    BULLPEN_CHECK(make_directories(path.substr(0, path.find_last_of('/')), 0700));
    std::vector<BoardSlot> carried;
    std::uint64_t generation = 1;
    if (auto old = BoardReader::read(path)) {
        generation = old->daemon.generation + 1;
        if (old->this_boot)
            carried = std::move(old->slots);
    }
    const auto capacity = std::max({slots, carried.size(), k_slots_min});
    auto made = make(path, daemon, generation, capacity, carried);
    // On a full disk workers must be adopted all the same: what the old board takes up is enough.
    if (!made && made.error().code() == std::errc::no_space_on_device) {
        ::unlink(path.c_str());
        made = make(path, daemon, generation, capacity, carried);
    }
    return made;
}

Result<BoardWriter> BoardWriter::make(const std::string& path, const BoardDaemon& daemon,
                                      std::uint64_t generation, std::size_t capacity,
                                      const std::vector<BoardSlot>& carried) {
    if (capacity > k_board_slots_max) {
        return fail(Errc::exhausted, "a status board has room for " +
                                         std::to_string(k_board_slots_max) + " accounts");
    }
    FileHeader header;
    header.slot_count = capacity;
    header.generation = generation;
    const std::string made = path + ".new";
    BULLPEN_TRY(const Mapping mapping, make_file(made, header));
    BoardWriter writer;
    writer.path_ = path;
    writer.mapping_ = mapping.address;
    writer.mapping_size_ = mapping.size;
    writer.capacity_ = capacity;
    writer.generation_ = generation;
    for (std::size_t i = capacity; i-- > carried.size();)
        writer.free_.push_back(i);
    for (std::size_t i = 0; i < carried.size(); ++i) {
        writer.places_.emplace(carried[i].account.str(), i);
        writer.write_slot(i, carried[i]);
    }
    writer.put_daemon(daemon);
    if (::rename(made.c_str(), path.c_str()) != 0)
        return fail_errno("cannot put " + path + " in place");
    return writer;
}

void BoardWriter::write_slot(std::size_t index, const BoardSlot& slot) {
    FileHeader header;
    header.slot_count = capacity_;
    write_record(words_at(mapping_, header.header_size + (index + 1) * sizeof(std::uint64_t)),
                 words_at(mapping_, header.slot_offset(index)), slot);
}

Result<void> BoardWriter::put(const BoardSlot& slot) {
    const auto account = slot.account.view();
    BULLPEN_ASSERT(AccountId::valid(account), "a slot belongs to an account");
    auto found = places_.find(account);
    if (found == places_.end()) {
        if (free_.empty())
            BULLPEN_CHECK(grow());
        found = places_.emplace(std::string(account), free_.back()).first;
        free_.pop_back();
    }
    write_slot(found->second, slot);
    return {};
}

Result<void> BoardWriter::grow() {
    std::vector<BoardSlot> all;
    FileHeader header;
    header.slot_count = capacity_;
    for (const auto& [account, index] : places_) {
        std::memcpy(static_cast<void*>(&all.emplace_back()),
                    words_at(mapping_, header.slot_offset(index)), sizeof(BoardSlot));
    }
    BULLPEN_TRY(BoardWriter larger,
                make(path_, daemon_, generation_ + 1,
                     std::min(2 * capacity_, std::max(k_board_slots_max, capacity_ + 1)), all));
    *this = std::move(larger);
    return {};
}

void BoardWriter::remove(const AccountId& account) {
    const auto found = places_.find(account.str());
    if (found == places_.end())
        return;
    write_slot(found->second, BoardSlot{});
    free_.push_back(found->second);
    places_.erase(found);
}

void BoardWriter::put_daemon(BoardDaemon daemon) {
    daemon.generation = generation_;
    daemon_ = daemon;
    FileHeader header;
    header.slot_count = capacity_;
    write_record(words_at(mapping_, header.header_size),
                 words_at(mapping_, header.records_offset()), daemon);
}

bool BoardWriter::has(const AccountId& account) const {
    return places_.contains(account.str());
}

std::vector<AccountId> BoardWriter::accounts() const {
    std::vector<AccountId> all;
    for (const auto& [account, index] : places_) {
        if (auto id = AccountId::parse(account))
            all.push_back(std::move(*id));
    }
    return all;
}

Result<Board> BoardReader::read(const std::string& path) {
    auto file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!file && file.error().code() == std::errc::no_such_file_or_directory)
        return fail(Errc::not_found, "there is no status board at " + path);
    if (!file)
        return fail(file.error());
    BULLPEN_TRY(const FileHeader header, read_header(file->get(), path));
    struct stat status {};
    if (::fstat(file->get(), &status) != 0)
        return fail_errno("cannot stat " + path);
    if (static_cast<std::size_t>(status.st_size) < header.file_size())
        return fail(Errc::corrupt, path + " is cut short");
    Board board;
    board.slots.reserve(header.slot_count);
    Pass pass(file->get(), header, path);
    const auto look = [&] {
        board.this_boot = board.daemon.boot_id.view() == boot_id();
        board.daemon_alive =
            process_alive(board.daemon.pid, board.daemon.start_time, board.daemon.boot_id.str());
    };
    for (int i = 0; i < k_read_tries_max; ++i) {
        BULLPEN_TRY(const bool all, pass.run(&board));
        if (all)
            break;
        // What a dead writer left half written stays so.
        if (pass.daemon_done()) {
            look();
            if (!board.daemon_alive)
                break;
        }
        const timespec pause{0, k_read_pause_ns};
        ::nanosleep(&pause, nullptr);
    }
    board.torn += pass.missing();
    look();
    const auto by_account = [](const BoardSlot& a, const BoardSlot& b) {
        return a.account.view() < b.account.view();
    };
    if (!std::is_sorted(board.slots.begin(), board.slots.end(), by_account))
        std::sort(board.slots.begin(), board.slots.end(), by_account);
    return board;
}

Result<std::optional<BoardSlot>> BoardReader::read(const std::string& path,
                                                   const AccountId& account) {
    BULLPEN_TRY(Board board, read(path));
    for (const auto& slot : board.slots) {
        if (slot.account.view() == account.str())
            return slot;
    }
    return std::optional<BoardSlot>();
}

}  // namespace bullpen::ipc
