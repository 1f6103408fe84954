#include "worker/signals/ring.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "common/base/assert.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"

namespace bullpen::signals {

namespace {

// Everything in the file is a word of 64 bits. The head is a page: what never changes, then, from
// k_changing on, in a cache line of its own, what does.
constexpr std::uint64_t k_magic = 0x676e'6973'6c6c'7562;  // "bullsign"
constexpr std::size_t k_head_words = 512;
constexpr std::size_t k_slot_words = 48;
constexpr std::size_t k_ring_words = k_head_words + k_ring_slots * k_slot_words;
constexpr std::size_t k_ring_bytes = k_ring_words * sizeof(std::uint64_t);

enum Head : std::size_t {
    head_magic,
    head_version,
    head_slots,
    head_slot_words,
    head_settings,  // five words
    head_source = head_settings + 5,
    head_source_end = head_source + (k_source_max + 1) / sizeof(std::uint64_t),
    head_published = 480,
    head_state,
    head_said_at,
};
static_assert(head_source_end <= head_published);

enum Slot : std::size_t { slot_number, slot_check, slot_words };  // the number and one; 0: empty
static_assert(slot_words + k_observation_words <= k_slot_words);

// Shared with another process, so every access is an atomic one; on the machines that this runs on
// that is a plain move.
std::uint64_t get(const std::uint64_t& word, std::memory_order order = std::memory_order_relaxed) {
    return order == std::memory_order_acquire ? __atomic_load_n(&word, __ATOMIC_ACQUIRE)
                                              : __atomic_load_n(&word, __ATOMIC_RELAXED);
}
void put(std::uint64_t& word, std::uint64_t value) {
    __atomic_store_n(&word, value, __ATOMIC_RELAXED);
}

std::uint64_t check_of(std::uint64_t number, const ObservationWords& words) {
    indicators::RunHash hash;
    hash.add(number);
    for (const auto word : words)
        hash.add(word);
    return hash.value();
}

std::array<std::uint64_t, 5> settings_words(const indicators::IndicatorSettings& settings) {
    const auto word = [](int number) { return static_cast<std::uint64_t>(number); };
    return {word(settings.vwap.bars), word(settings.rsi_length), word(settings.atr_length),
            word(settings.ema_slow_length), word(settings.ema_fast_length)};
}

// What never changes of a ring of this source.
std::array<std::uint64_t, head_source_end> head_of(const RingSource& source) {
    std::array<std::uint64_t, head_source_end> head{};
    head[head_magic] = k_magic;
    head[head_version] = k_ring_version;
    head[head_slots] = k_ring_slots;
    head[head_slot_words] = k_slot_words;
    const auto settings = settings_words(source.settings);
    std::copy(settings.begin(), settings.end(), head.begin() + head_settings);
    std::memcpy(&head[head_source], source.feed.data(), source.feed.size());
    return head;
}

// The observation of this number, if its slot holds it whole.
std::optional<Observation> read_slot(const std::uint64_t* ring, std::uint64_t number) {
    const auto* slot = ring + k_head_words + number % k_ring_slots * k_slot_words;
    if (get(slot[slot_number], std::memory_order_acquire) != number + 1)
        return std::nullopt;
    ObservationWords words{};
    for (std::size_t i = 0; i < words.size(); ++i)
        words.at(i) = get(slot[slot_words + i]);
    const auto check = get(slot[slot_check]);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (get(slot[slot_number]) != number + 1 || check != check_of(number, words))
        return std::nullopt;
    auto observation = from_words(words);
    if (!observation)
        return std::nullopt;
    return *observation;
}

Result<RingMap> map(const Descriptor& file, int protection) {
    void* memory = ::mmap(nullptr, k_ring_bytes, protection, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED)
        return fail_errno("cannot map a ring of signals");
    return RingMap(memory, k_ring_bytes);
}

// Whether the file is a ring of this source.
Result<void> look(const Descriptor& file, const std::string& path, const RingSource& source) {
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0)
        return fail_errno("cannot look at " + path);
    std::array<std::uint64_t, head_source_end> found{};
    const auto size = ::pread(file.get(), found.data(), sizeof found, 0);
    if (size != sizeof found || found[head_magic] != k_magic)
        return fail(Errc::corrupt, path + " is no ring of signals");
    if (found[head_version] > k_ring_version)
        return fail(Errc::newer_version, path + " is of a newer release");
    const auto wanted = head_of(source);
    const bool layout = std::equal(wanted.begin(), wanted.begin() + head_settings, found.begin());
    if (!layout || static_cast<std::uint64_t>(facts.st_size) != k_ring_bytes)
        return fail(Errc::corrupt, path + " has another layout");
    if (found != wanted)
        return fail(Errc::invalid, path + " is of another source, or of other indicators");
    return {};
}

Result<Descriptor> make_file(const std::string& path, const RingSource& source) {
    const auto beside = path + ".new";
    BULLPEN_TRY(auto file, open_file(beside, O_RDWR | O_CREAT | O_TRUNC, 0640));
    // On a full disk this fails here, and no access to the mapping does later.
    const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(k_ring_bytes));
    if (error != 0)
        return fail(Error::from_errno(error, "cannot reserve " + beside));
    const auto head = head_of(source);
    if (::pwrite(file.get(), head.data(), sizeof head, 0) != sizeof head)
        return fail_errno("cannot write " + beside);
    if (::rename(beside.c_str(), path.c_str()) != 0)
        return fail_errno("cannot put " + path + " in its place");
    return file;
}

}  // namespace

RingMap::RingMap(RingMap&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), size_(other.size_) {}

RingMap& RingMap::operator=(RingMap&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
}

RingMap::~RingMap() {
    if (memory_ != nullptr)
        ::munmap(memory_, size_);
}

Result<RingWriter> RingWriter::open(const std::string& path, const RingSource& source) {
    if (source.feed.size() > k_source_max)
        return fail(Errc::too_large, "the name of a source has at most 511 bytes");
    auto file = open_file(path, O_RDWR);
    if (!file || !look(*file, path, source)) {
        file = make_file(path, source);
        if (!file)
            return fail(file.error());
    }
    BULLPEN_TRY(auto mapped, map(*file, PROT_READ | PROT_WRITE));
    RingWriter writer(std::move(mapped));
    // After a power cut the count may be of pages that never reached the disk.
    auto* words = writer.map_.words();
    auto published = get(words[head_published]);
    const auto oldest = published - std::min(published, k_ring_slots);
    while (published > oldest && !read_slot(words, published - 1))
        --published;
    put(words[head_published], published == oldest ? 0 : published);
    return writer;
}

std::uint64_t RingWriter::published() const {
    return get(map_.words()[head_published]);
}

std::optional<Observation> RingWriter::newest() const {
    const auto count = published();
    return count == 0 ? std::nullopt : read_slot(map_.words(), count - 1);
}

void RingWriter::publish(const Observation& observation) {
    auto* words = map_.words();
    const auto number = get(words[head_published]);
    BULLPEN_ASSERT(observation.counters[0] == static_cast<std::int64_t>(number) + 1,
                   "observations are published in their order");
    auto* slot = words + k_head_words + number % k_ring_slots * k_slot_words;
    put(slot[slot_number], 0);
    // Nobody may see new words under the old number.
    std::atomic_thread_fence(std::memory_order_release);
    const auto written = to_words(observation);
    for (std::size_t i = 0; i < written.size(); ++i)
        put(slot[slot_words + i], written.at(i));
    put(slot[slot_check], check_of(number, written));
    __atomic_store_n(&slot[slot_number], number + 1, __ATOMIC_RELEASE);
    __atomic_store_n(&words[head_published], number + 1, __ATOMIC_RELEASE);
}

void RingWriter::say(RingState state, MonoTime now) {
    put(map_.words()[head_state], static_cast<std::uint64_t>(state));
    put(map_.words()[head_said_at], static_cast<std::uint64_t>(now.time_since_epoch().count()));
}

Result<RingReader> RingReader::open(const std::string& path, const RingSource& source) {
    if (source.feed.size() > k_source_max)
        return fail(Errc::too_large, "the name of a source has at most 511 bytes");
    BULLPEN_TRY(const auto file, open_file(path, O_RDONLY));
    BULLPEN_CHECK(look(file, path, source));
    BULLPEN_TRY(auto mapped, map(file, PROT_READ));
    return RingReader(std::move(mapped));
}

std::uint64_t RingReader::published() const {
    return get(map_.words()[head_published], std::memory_order_acquire);
}

std::uint64_t RingReader::oldest() const {
    // The slot of the next one may be empty at any time.
    const auto count = published();
    return count < k_ring_slots ? 0 : count - k_ring_slots + 1;
}

std::optional<Observation> RingReader::read(std::uint64_t number) const {
    if (number >= published() || number < oldest())
        return std::nullopt;
    return read_slot(map_.words(), number);
}

RingState RingReader::state() const {
    const auto state = get(map_.words()[head_state]);
    return state == 1 ? RingState::ended : state == 2 ? RingState::failed : RingState::working;
}

MonoTime RingReader::said_at() const {
    return MonoTime(Nanos(static_cast<std::int64_t>(get(map_.words()[head_said_at]))));
}

}  // namespace bullpen::signals
