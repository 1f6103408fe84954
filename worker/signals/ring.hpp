// The ring of a market's observations: a file that bullpen-signals maps and writes, and the workers
// of many accounts map and read. One writer; any number of readers, which change nothing in it.
//
// It holds the newest k_ring_slots observations, each in the slot of its number with that number
// and a checksum. The writer marks a slot empty, fills it, gives it its number, and only then
// counts it as published, so that a writer killed at any instruction leaves every published slot
// whole but the one that it was replacing, which readers see as gone. docs/signals.md has the
// layout.
//
// The file keeps its length for as long as it exists: what replaces it is renamed over it. So a
// mapping never ends beyond the file. One thread on either side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "worker/signals/observation.hpp"

namespace bullpen::signals {

inline constexpr std::uint32_t k_ring_version = 1;
// Nearly six trading days of minutes, three megabytes.
inline constexpr std::uint64_t k_ring_slots = 8192;
inline constexpr std::size_t k_source_max = 511;

// What is observed, and how. Readers take a ring of the very same only.
struct RingSource {
    std::string feed;  // Feed::identity(), at most k_source_max bytes
    indicators::IndicatorSettings settings;
    friend bool operator==(const RingSource&, const RingSource&) = default;
};

enum class RingState : std::uint32_t {
    working,
    ended,   // the source is used up
    failed,  // the source cannot be read
};

// A mapping of the file; inside this library only.
class RingMap {
  public:
    RingMap() = default;
    RingMap(void* memory, std::size_t size) : memory_(memory), size_(size) {}
    RingMap(RingMap&& other) noexcept;
    RingMap& operator=(RingMap&& other) noexcept;
    RingMap(const RingMap&) = delete;
    RingMap& operator=(const RingMap&) = delete;
    ~RingMap();
    [[nodiscard]] std::uint64_t* words() const { return static_cast<std::uint64_t*>(memory_); }

  private:
    void* memory_ = nullptr;
    std::size_t size_ = 0;
};

class RingWriter {
  public:
    // Goes on with the file at `path` when it is of the same source, otherwise makes it anew, with
    // its room on the disk reserved. The caller holds a lock that proves it the only writer.
    static Result<RingWriter> open(const std::string& path, const RingSource& source);

    // How many observations have been published: the number of the next one.
    [[nodiscard]] std::uint64_t published() const;
    // The newest; none in a new ring.
    [[nodiscard]] std::optional<Observation> newest() const;
    // The next one: its first counter is its number and one.
    void publish(const Observation& observation);
    void say(RingState state, MonoTime now);

  private:
    explicit RingWriter(RingMap map) : map_(std::move(map)) {}
    RingMap map_;
};

class RingReader {
  public:
    // Errc::not_found without a file, invalid when it is of another source, newer_version or
    // corrupt when it is no ring that this program reads.
    static Result<RingReader> open(const std::string& path, const RingSource& source);

    [[nodiscard]] std::uint64_t published() const;
    // The oldest that can be read for certain.
    [[nodiscard]] std::uint64_t oldest() const;
    // None when it is gone (older than oldest()) or not published yet; a copy that was whole.
    [[nodiscard]] std::optional<Observation> read(std::uint64_t number) const;
    [[nodiscard]] RingState state() const;
    // When the writer last said that it lives.
    [[nodiscard]] MonoTime said_at() const;

  private:
    explicit RingReader(RingMap map) : map_(std::move(map)) {}
    RingMap map_;
};

}  // namespace bullpen::signals
