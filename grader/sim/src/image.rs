//! The static memory of the process, put back between executions.
//!
//! A simulated program must find its statics and thread-locals as a fresh
//! process would. All of them, of the submission and of std, lie in the
//! writable segments of the executable and in its block of thread-local
//! storage: a few kilobytes, copied once before the first execution and
//! written back before every other. Whatever the simulation itself must
//! remember lies on the system's heap.
//!
//! With several processes in one simulation, each has a copy of its own: where
//! threads of different processes change places, the copy of the one that
//! leaves is taken and that of the other one written. What they must share lies
//! on the system's heap or in the memory of the execution.

/// The saved bytes.
#[derive(Clone)]
pub(crate) struct Image {
    parts: Vec<(usize, Vec<u8>)>,
}

impl Image {
    /// Saves the static memory as it is now.
    pub(crate) fn take() -> Image {
        let parts = ranges()
            .into_iter()
            .map(|(start, length)| {
                // SAFETY: the range is mapped, readable and initialised: it is
                // a segment of this executable.
                let bytes = unsafe { std::slice::from_raw_parts(start as *const u8, length) };
                (start, bytes.to_vec())
            })
            .collect();
        Image { parts }
    }

    /// Saves it again, into the same place.
    pub(crate) fn save(&mut self) {
        for (start, bytes) in &mut self.parts {
            // SAFETY: the range is readable memory of this executable, and the
            // copy of it has its length.
            unsafe {
                std::ptr::copy_nonoverlapping(*start as *const u8, bytes.as_mut_ptr(), bytes.len())
            };
        }
    }

    /// Where the saved bytes belong: the start and the length of each range.
    pub(crate) fn ranges(&self) -> Vec<(usize, usize)> {
        let parts = self.parts.iter();
        parts.map(|(start, bytes)| (*start, bytes.len())).collect()
    }

    /// Writes the saved bytes back.
    ///
    /// # Safety
    /// No reference into static memory may be held that expects the value of
    /// now, other than to what has not changed since [`Image::take`].
    pub(crate) unsafe fn restore(&self) {
        for (start, bytes) in &self.parts {
            // SAFETY: the range is writable memory of this executable; the
            // caller promises that nobody relies on what it holds.
            unsafe {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), *start as *mut u8, bytes.len())
            };
        }
    }
}

/// The writable ranges of the executable: its data segments without the part
/// that the loader made read-only, and its thread-local block.
pub(crate) fn ranges() -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();

    unsafe extern "C" fn visit(
        info: *mut libc::dl_phdr_info,
        _: usize,
        found: *mut libc::c_void,
    ) -> libc::c_int {
        // SAFETY: the loader calls this with a valid description; `found` is
        // the vector given below.
        let (info, found) = unsafe { (&*info, &mut *found.cast::<Vec<(usize, usize)>>()) };
        // SAFETY: the loader describes this many headers.
        let headers =
            unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum as usize) };
        let base = info.dlpi_addr as usize;
        let relro = headers
            .iter()
            .find(|header| header.p_type == libc::PT_GNU_RELRO)
            .map_or((0, 0), |header| {
                (
                    base + header.p_vaddr as usize,
                    base + (header.p_vaddr + header.p_memsz) as usize,
                )
            });
        // SAFETY: sysconf has no preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        for header in headers {
            let (start, end) = (
                base + header.p_vaddr as usize,
                base + (header.p_vaddr + header.p_memsz) as usize,
            );
            if header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W != 0 {
                // The loader protects whole pages of the relro range.
                let protected = (relro.0 & !(page - 1), relro.1.next_multiple_of(page));
                if start < protected.1 && protected.0 < end {
                    if start < protected.0 {
                        found.push((start, protected.0 - start));
                    }
                    if protected.1 < end {
                        found.push((protected.1, end - protected.1));
                    }
                } else {
                    found.push((start, end - start));
                }
            }
            if header.p_type == libc::PT_TLS {
                let size = header.p_memsz as usize;
                found.extend(
                    thread_local_block(size, header.p_align as usize).map(|start| (start, size)),
                );
            }
        }
        1 // the executable comes first; libraries are not ours to touch
    }

    // SAFETY: the callback matches the signature and gets a live vector.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut found).cast()) };
    found
}

/// Where this thread's block of the executable's thread-local storage is: it
/// ends at the thread pointer (the ELF TLS ABI, variant II).
#[cfg(target_arch = "x86_64")]
fn thread_local_block(size: usize, align: usize) -> Option<usize> {
    let pointer: usize;
    // SAFETY: on this architecture fs:0 holds the thread pointer itself.
    unsafe { std::arch::asm!("mov {}, fs:0", out(reg) pointer, options(nostack, readonly)) };
    Some(pointer - size.next_multiple_of(align.max(1)))
}

/// On the other architectures (variant I) the block follows the thread
/// control block; they are not supported yet, and thread-locals of the real
/// std keep their values there.
#[cfg(not(target_arch = "x86_64"))]
fn thread_local_block(_size: usize, _align: usize) -> Option<usize> {
    None
}
